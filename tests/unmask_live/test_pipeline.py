from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waiting import SOON, our_threads, wait_until

from unmask_live.channel import Channel
from unmask_live.pipeline import Pipeline, State, run_file
from unmask_live.state import IllegalTransitionError
from unmask_live.statistics import Statistics

STAGES = ("capture", "unmask", "present")


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


@given(st.integers(0, 30), st.integers(1, 4))
def test_a_file_keeps_all_in_order_at_any_length_and_depth(count: int, depth: int) -> None:
    written: list[int] = []
    run_file(iter(range(count)), lambda item: -item, written.append, depth=depth)
    assert written == [-item for item in range(count)]


class Run:
    """A live run of whole numbers that may fail, or wait, in one stage at one item."""

    def __init__(
        self, count: int | None, bad: str = "", at: int = 0, error: BaseException | None = None
    ) -> None:
        self.count, self.bad, self.at, self.error = count, bad, at, error
        self.shown: list[int] = []
        self.states: list[State] = []
        self.freed: list[str] = []
        self.closed = 0
        self.stuck = threading.Event()
        self.release = threading.Event()
        self.pipeline: Pipeline[int, int] = Pipeline(
            self.capture,
            self.unmask,
            self.present,
            close=self.close,
            on_state=self.states.append,
        )

    def perhaps(self, stage: str, item: int) -> None:
        if (stage, item) != (self.bad, self.at):
            return
        if self.error is not None:
            raise self.error
        self.stuck.set()
        self.release.wait()

    def capture(self) -> Iterator[int]:
        item = 0
        try:
            while self.count is None or item < self.count:
                self.perhaps("capture", item)
                if self.closed:
                    return
                yield item
                item += 1
                time.sleep(0)
        finally:
            self.freed.append(threading.current_thread().name)

    def unmask(self, items: Iterable[int]) -> Iterator[int]:
        try:
            for number, item in enumerate(items):
                self.perhaps("unmask", number)
                yield item
        finally:
            self.freed.append(threading.current_thread().name)

    def present(self, results: Channel[int]) -> None:
        while True:
            item = results.get()
            self.perhaps("present", len(self.shown))
            self.shown.append(item)
            self.pipeline.shown()

    def close(self) -> None:
        self.closed += 1
        if self.bad == "capture":  # what a driver does when it is closed
            self.release.set()


@given(st.integers(0, 50))
def test_a_live_run_ends_with_its_source(count: int) -> None:
    run = Run(count)
    run.pipeline.start()
    assert run.pipeline.join(SOON)
    assert run.shown == sorted(set(run.shown)), "newer ones only, none twice"
    assert run.shown[-1:] == list(range(count))[-1:], "the last one is never left out"
    assert run.pipeline.state is State.STOPPED and run.pipeline.error is None
    assert run.closed == 1
    assert sorted(run.freed) == ["unmask-capture", "unmask-unmask"]


@given(st.sampled_from(STAGES), st.integers(0, 3))
def test_an_error_of_any_stage_ends_all_and_reaches_the_owner(stage: str, at: int) -> None:
    error = ValueError("bad item")
    run = Run(None, stage, at, error)
    run.pipeline.start()
    assert run.pipeline.join(SOON)
    assert run.pipeline.error is error
    assert run.states[0] is State.STARTING
    assert run.states[-2:] == [State.STOPPING, State.FAILED]
    assert run.closed == 1
    assert our_threads() == []


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_waits_for_ever_holds_no_other_back(
    stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unmask_live.pipeline.PATIENCE", 0.05)
    run = Run(None, stage, 2)
    run.pipeline.start()
    assert run.stuck.wait(SOON)
    run.pipeline.stop()
    wait_until(lambda: run.pipeline.state is State.STOPPED)
    stuck = [] if stage == "capture" else [f"unmask-{stage}"]  # closing frees a source
    wait_until(lambda: our_threads() == stuck)
    assert run.closed == 1 and run.pipeline.join(0.01) is (not stuck)
    run.release.set()
    assert run.pipeline.join(SOON)
    assert run.pipeline.state is State.STOPPED and run.pipeline.error is None


def test_a_source_that_has_ended_does_not_hurry_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unmask_live.pipeline.PATIENCE", 0.0)
    run = Run(3, "unmask", 0)
    run.pipeline.start()
    wait_until(lambda: our_threads() == ["unmask-unmask", "unmask-present"])
    assert run.pipeline.state is State.STOPPING
    run.release.set()
    assert run.pipeline.join(SOON)
    assert run.shown[-1] == 2 and run.states[-2:] == [State.STOPPING, State.STOPPED]


def test_a_failure_is_told_though_another_stage_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unmask_live.pipeline.PATIENCE", 0.05)
    error = OSError("unplugged")
    stuck, release = threading.Event(), threading.Event()

    def capture() -> Iterator[int]:
        yield 0
        stuck.wait(SOON)
        raise error

    def present(results: Channel[int]) -> None:
        for _ in results:
            stuck.set()
            release.wait()

    pipeline: Pipeline[int, int] = Pipeline(capture, lambda items: iter(items), present, close=int)
    pipeline.start()
    wait_until(lambda: pipeline.state is State.FAILED)
    assert pipeline.error is error
    assert not pipeline.join(0.01)
    release.set()
    assert pipeline.join(SOON)
    assert pipeline.state is State.FAILED


def test_the_newest_wins_and_the_drops_are_told() -> None:
    """The middle stage holds the first item until a hundred more have come."""
    given_ = threading.Event()
    seen: list[int] = []

    def capture() -> Iterator[int]:
        yield 0
        wait_until(lambda: bool(seen))
        yield from range(1, 101)
        given_.set()

    def unmask(items: Iterable[int]) -> Iterator[int]:
        for item in items:
            seen.append(item)
            given_.wait(SOON)
            yield item

    statistics = Statistics()
    shown: list[int] = []
    pipeline: Pipeline[int, int] = Pipeline(
        capture, unmask, lambda results: shown.extend(results), close=int, observer=statistics
    )
    pipeline.start()
    assert pipeline.join(SOON)
    assert seen == [0, 100] and shown[-1] == 100
    assert statistics.snapshot().dropped_in_all["unmask"] == 99


def test_states_of_a_run_that_is_stopped() -> None:
    run = Run(None)
    run.pipeline.start()
    wait_until(lambda: bool(run.shown))
    for _ in range(2):
        run.pipeline.stop()
    assert run.pipeline.join(SOON)
    run.pipeline.stop()
    assert run.states == [State.STARTING, State.RUNNING, State.STOPPING, State.STOPPED]
    with pytest.raises(IllegalTransitionError):
        run.pipeline.start()


def test_a_run_that_never_started_can_be_stopped_and_not_started() -> None:
    run = Run(3)
    run.pipeline.stop()
    assert run.pipeline.join(0.01)
    assert (run.states, run.closed) == ([State.STOPPED], 1)
    with pytest.raises(IllegalTransitionError):
        run.pipeline.start()
    assert our_threads() == []


def test_a_source_that_fails_to_close_is_told() -> None:
    error = OSError("busy")

    def close() -> None:
        raise error

    pipeline: Pipeline[int, int] = Pipeline(
        lambda: range(2), lambda items: iter(items), lambda results: list(results), close=close
    )
    pipeline.start()
    assert pipeline.join(SOON)
    assert pipeline.error is error and pipeline.state is State.FAILED


def test_a_run_can_be_stopped_by_what_it_shows() -> None:
    stopped: list[bool] = []

    def present(results: Channel[int]) -> None:
        for _ in results:
            pipeline.stop()
            stopped.append(pipeline.join(0.0))

    pipeline: Pipeline[int, int] = Pipeline(
        lambda: iter(range(10**6)), lambda items: iter(items), present, close=int
    )
    pipeline.start()
    assert pipeline.join(SOON)
    assert len(stopped) == 1 and pipeline.state is State.STOPPED
