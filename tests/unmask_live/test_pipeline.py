from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from unmask_live.pipeline import run_file


def our_threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("unmask-")]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 50])
def test_every_item_once_and_in_order(count: int) -> None:
    written: list[int] = []
    run_file(range(count), lambda item: item * 10, written.append, depth=2)
    assert written == [item * 10 for item in range(count)]
    assert our_threads() == []


def test_a_slow_writer_holds_the_reader_back() -> None:
    read: list[int] = []
    ahead: list[int] = []

    def source() -> Iterator[int]:
        for item in range(30):
            read.append(item)
            yield item

    def write(item: int) -> None:
        time.sleep(0.005)
        ahead.append(len(read) - item)

    run_file(source(), lambda item: item, write, depth=2)
    # Two queues of 2, and one item in the hands of each of three stages.
    assert max(ahead) <= 2 + 2 + 3
    assert max(ahead) > 2, "nothing ran ahead: the stages are not side by side"


def test_work_runs_in_the_callers_thread() -> None:
    names = set()
    run_file(range(3), lambda _: names.add(threading.current_thread()), lambda _: None)
    assert names == {threading.current_thread()}


def fail(item: int) -> int:
    if item == 5:
        raise ValueError("five")
    return item


@pytest.mark.parametrize("stage", ["read", "work", "write"])
def test_the_first_error_reaches_the_caller_and_stops_all(stage: str) -> None:
    def source() -> Iterator[int]:
        for item in range(10**6):
            yield fail(item) if stage == "read" else item

    def write(item: int) -> None:
        if stage == "write":
            fail(item)

    work = fail if stage == "work" else (lambda item: item)
    with pytest.raises(ValueError, match="five"):
        run_file(source(), work, write, depth=2)
    assert our_threads() == []


def test_ctrl_c_stops_all() -> None:
    written: list[int] = []

    def work(item: int) -> int:
        if item == 3:
            raise KeyboardInterrupt
        return item

    with pytest.raises(KeyboardInterrupt):
        run_file(iter(range(10**6)), work, written.append)
    assert written == sorted(written)
    assert our_threads() == []
