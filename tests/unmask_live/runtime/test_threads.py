from __future__ import annotations

from collections.abc import Callable

import pytest

from unmask_live.runtime.threads import TRIFLE, choose, counts, fewest


@pytest.mark.parametrize(
    ("most", "tried"),
    [(0, (1,)), (1, (1,)), (2, (1, 2)), (3, (1, 2)), (6, (1, 2, 4)), (64, (1, 2, 4, 8))],
)
def test_what_is_tried(most: int, tried: tuple[int, ...]) -> None:
    assert counts(most) == tried


@pytest.mark.parametrize(
    ("spent", "name"),
    [
        ({"1": 10.0}, "1"),
        ({"1": 10.0, "2": 6.0}, "2"),
        ({"1": 10.0, "2": 9.0}, "1"),
        ({"1": 10.0, "2": 6.0, "4": 5.8, "8": 9.0}, "2"),
        ({"1": 10.0, "2": 9.0, "4": 5.0}, "4"),
        ({"8": 1.0, "1": 10.0}, "8"),
    ],
)
def test_more_threads_must_pay(spent: dict[str, float], name: str) -> None:
    assert fewest(spent) == name


class Network:
    """Takes so many milliseconds on so many threads."""

    def __init__(self, **milliseconds: float) -> None:
        self.milliseconds = {name.strip("_"): value for name, value in milliseconds.items()}
        self.now = 0.0
        self.started: list[str] = []

    def start(self, name: str) -> Callable[[], None]:
        self.started.append(name)

        def run() -> None:
            self.now += self.milliseconds[name] / 1e3

        return run


def test_the_number_is_measured_once() -> None:
    for started in (["1", "1", "2", "4"], ["1"]):
        network = Network(_1=12.0, _2=7.0, _4=4.0)
        assert choose("net", 4, {"cpu": "one"}, network.start, lambda n=network: n.now) == 4
        assert network.started == started


def test_a_trifle_and_one_core_need_no_trying() -> None:
    network = Network(_1=TRIFLE / 2)
    assert choose("net", 8, {}, network.start, lambda: network.now) == 1
    assert network.started == ["1"]
    assert choose("net", 1, {}, network.start, lambda: network.now) == 1
    assert network.started == ["1"]
