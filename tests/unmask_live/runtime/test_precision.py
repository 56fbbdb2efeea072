from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from unmask_live.runtime import load_manifest, trial
from unmask_live.runtime.precision import candidates, choose, fastest
from unmask_live.runtime.trial import SECONDS, busy, measure


class Machine:
    """A clock that only runs while a network does."""

    def __init__(self, **milliseconds: float) -> None:
        self.milliseconds = milliseconds
        self.now = 0.0
        self.started: list[str] = []
        self.runs: list[str] = []

    def start(self, name: str) -> Callable[[], None]:
        self.started.append(name)

        def run() -> None:
            self.runs.append(name)
            self.now += self.milliseconds[name] / 1e3

        return run

    def clock(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("capabilities", "names"),
    [
        (set(), ("fp32",)),
        ({"FP32", "INT8"}, ("fp32", "int8")),
        ({"FP32", "BF16"}, ("fp32", "bf16")),
        ({"FP32", "BF16", "INT8"}, ("fp32", "bf16", "int8")),
    ],
)
def test_only_what_the_processor_can_do_is_tried(variants: Path, capabilities, names) -> None:
    assert candidates(load_manifest(variants)["sum"], frozenset(capabilities)) == names


def test_without_an_int8_file_there_is_no_int8(engines: Path) -> None:
    assert candidates(load_manifest(engines)["sum"], frozenset({"INT8"})) == ("fp32",)


@pytest.mark.parametrize(
    ("spent", "name"),
    [
        ({"fp32": 10.0, "int8": 6.0}, "int8"),
        ({"fp32": 10.0, "int8": 9.8}, "fp32"),
        ({"fp32": 10.0, "int8": 14.0}, "fp32"),
        ({"fp32": 10.0, "bf16": 6.0, "int8": 7.0}, "bf16"),
        ({"fp32": 10.0, "bf16": 6.0, "int8": 5.9}, "bf16"),
        ({"fp32": 10.0, "bf16": 6.0, "int8": 5.0}, "int8"),
    ],
)
def test_another_precision_must_be_worth_it(spent: dict[str, float], name: str) -> None:
    assert fastest(spent) == name


def test_trying_takes_turns_and_ends() -> None:
    machine = Machine(fp32=20.0, int8=5.0)
    spent = measure({n: machine.start(n) for n in ("fp32", "int8")}, machine.clock)
    assert spent == pytest.approx({"fp32": 20.0, "int8": 5.0})
    assert machine.runs[:6] == ["fp32", "int8"] * 3
    assert machine.now <= SECONDS + 0.05 + 0.001


def test_a_slow_network_is_still_run_three_times_each() -> None:
    machine = Machine(fp32=2000.0, int8=3000.0)
    measure({n: machine.start(n) for n in ("fp32", "int8")}, machine.clock)
    assert machine.runs.count("int8") == 1 + 3


def test_the_choice_is_kept_until_machine_or_file_change(variants: Path, own_cache: Path) -> None:
    entry = load_manifest(variants)["sum"]
    names = ("fp32", "int8")
    here = {"cpu": "one", "threads": 2}

    def pick(machine: Machine, where: dict) -> str:
        return choose(entry, names, where, machine.start, clock=machine.clock)

    assert pick(Machine(fp32=10, int8=5), here) == "int8"
    again = Machine(fp32=5, int8=10)
    assert pick(again, here) == "int8"
    assert again.started == []
    assert pick(Machine(fp32=5, int8=10), {**here, "cpu": "another"}) == "fp32"
    for path in own_cache.rglob("sum-*.json"):
        path.write_text("{")  # half a record counts as none
    assert pick(Machine(fp32=5, int8=10), here) == "fp32"


def test_what_was_close_is_tried_again_as_the_machine_may_have_been_busy(
    variants: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "STARTS", 3)  # in tests the first is enough else
    entry = load_manifest(variants)["sum"]
    names = ("fp32", "int8")

    def pick(**milliseconds: float) -> tuple[str, bool]:
        machine = Machine(**milliseconds)
        choice = choose(entry, names, {"cpu": "one"}, machine.start, clock=machine.clock)
        return choice, bool(machine.started)

    assert pick(fp32=30, int8=31) == ("fp32", True)  # both held up by something else
    assert pick(fp32=10, int8=9) == ("int8", True)
    assert pick(fp32=10, int8=9.9) == ("int8", True)  # as fast as it ever was
    assert pick(fp32=1, int8=9) == ("int8", False)  # three starts are enough


def test_what_is_clear_is_tried_once(variants: Path) -> None:
    entry = load_manifest(variants)["sum"]
    for started in (["fp32", "int8"], []):
        machine = Machine(fp32=10, int8=7)
        choice = choose(entry, ("fp32", "int8"), {}, machine.start, clock=machine.clock)
        assert (choice, machine.started) == ("int8", started)


def test_a_busy_start_does_not_settle_it(
    variants: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = load_manifest(variants)["sum"]
    monkeypatch.setattr(trial, "STARTS", 3)

    def pick(**milliseconds: float) -> tuple[str, bool]:
        machine = Machine(**milliseconds)
        choice = choose(entry, ("fp32", "int8"), {}, machine.start, clock=machine.clock)
        return choice, bool(machine.started)

    monkeypatch.setattr(trial, "busy", lambda: True)
    for _ in range(4):
        assert pick(fp32=10, int8=30) == ("fp32", True), "clear, but others ran beside it"
    monkeypatch.setattr(trial, "busy", lambda: False)
    assert pick(fp32=10, int8=5) == ("int8", True)
    assert pick(fp32=1, int8=5) == ("int8", False)

    for path in own_cache.rglob("sum-*.json"):
        path.unlink()
    monkeypatch.setattr(trial, "busy", lambda: True)
    tried = [pick(fp32=10, int8=30)[1] for _ in range(14)]
    assert tried == [True] * 12 + [False] * 2, "nor does a machine that is always busy try for ever"


def test_busy_is_who_has_as_much_to_do_as_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "cores", lambda: 2)
    for load, said in ((0.4, False), (1.9, False), (2.0, True), (7.5, True)):
        monkeypatch.setattr("os.getloadavg", lambda load=load: (load, 0.0, 0.0), raising=False)
        assert busy() is said
    monkeypatch.delattr("os.getloadavg", raising=False)
    assert not busy()


def test_what_computes_wrongly_is_not_taken_however_fast(variants: Path) -> None:
    entry = load_manifest(variants)["sum"]
    names = ("fp32", "bf16", "int8")
    asked = []

    def check(name: str) -> str:
        asked.append(name)
        return "is off" if name == "bf16" else ""

    for _ in range(2):  # the second time nothing is tried and nothing asked
        machine = Machine(fp32=10, bf16=3, int8=6)
        choice = choose(entry, names, {}, machine.start, check=check, clock=machine.clock)
        assert choice == "int8"
    assert asked == ["bf16", "int8"]


def test_one_precision_needs_no_trying(variants: Path) -> None:
    machine = Machine()
    assert choose(load_manifest(variants)["sum"], ("fp32",), {}, machine.start) == "fp32"
    assert machine.started == []


def test_without_a_cache_it_is_tried_each_time(
    variants: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNMASK_LIVE_CACHE", "")
    entry = load_manifest(variants)["sum"]
    for _ in range(2):
        machine = Machine(fp32=10, int8=5)
        assert choose(entry, ("fp32", "int8"), {}, machine.start, clock=machine.clock) == "int8"
        assert machine.started == ["fp32", "int8"]
