from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unmask_live.statistics import CAPTURE, MOST, Figures, Snapshot, Statistics, Unobserved


class Clock:
    """Time that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def at_rate(fps: float, count: int, *, clock: Clock, statistics: Statistics) -> None:
    for _ in range(count):
        clock.now += 1 / fps
        statistics.stage(CAPTURE, 1.0)
        statistics.presented(0.04, clock.now)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_nothing_seen_gives_zeros(clock: Clock) -> None:
    assert Statistics(clock=clock).snapshot() == Snapshot()


@pytest.mark.parametrize("fps", [1.5, 5, 29.97, 60, 240])
def test_the_rate_is_exact_whatever_it_is(clock: Clock, fps: float) -> None:
    statistics = Statistics(clock=clock)
    at_rate(fps, 400, clock=clock, statistics=statistics)
    figures = statistics.snapshot()
    assert figures.fps == pytest.approx(fps)
    assert figures.source_fps == pytest.approx(fps)
    assert figures.presented == 400


def test_a_stall_shows(clock: Clock) -> None:
    statistics = Statistics(window=3.0, clock=clock)
    at_rate(30, 90, clock=clock, statistics=statistics)
    clock.now += 1.0
    assert statistics.snapshot().fps == pytest.approx(20, rel=0.05)
    clock.now += 10.0
    assert statistics.snapshot().fps == 0.0


def test_stages_are_told_apart_and_old_values_leave(clock: Clock) -> None:
    statistics = Statistics(window=2.0, clock=clock)
    statistics.stage("find", 1000.0)
    clock.now += 2.0
    for milliseconds in (1.0, 2.0, 3.0):
        statistics.stage("find", milliseconds)
    statistics.stage("blend", 7.0)
    stages = statistics.snapshot().stages
    assert stages["find"] == Figures(2.0, pytest.approx(2.9), 3)
    assert stages["blend"] == Figures(7.0, 7.0, 1)


def test_drops_are_counted_by_stage_lately_and_in_all(clock: Clock) -> None:
    statistics = Statistics(window=2.0, clock=clock)
    statistics.dropped("unmask", 3)
    statistics.dropped("present")
    clock.now += 5.0
    statistics.dropped("unmask")
    figures = statistics.snapshot()
    assert figures.dropped == {"unmask": 1, "present": 0}
    assert figures.dropped_in_all == {"unmask": 4, "present": 1}


def test_age_is_in_milliseconds(clock: Clock) -> None:
    statistics = Statistics(clock=clock)
    for age in (0.030, 0.040, 0.080):
        statistics.presented(age, clock.now)
    assert statistics.snapshot().age.median == pytest.approx(40)


def test_a_restart_forgets_all(clock: Clock) -> None:
    statistics = Statistics(clock=clock)
    at_rate(30, 5, clock=clock, statistics=statistics)
    statistics.dropped("unmask")
    statistics.restart()
    assert statistics.snapshot() == Snapshot()


def test_what_no_figure_looks_back_to_is_not_kept(clock: Clock) -> None:
    """A run of hours holds no more than one of seconds, at 30 frames a second as at 300."""
    statistics = Statistics(window=3.0, clock=clock)
    at_rate(30, 600, clock=clock, statistics=statistics)
    assert 88 <= len(statistics._stages[CAPTURE]) <= 92
    assert len(statistics._ages) <= 92


def test_what_is_kept_is_bounded(clock: Clock) -> None:
    statistics = Statistics(clock=clock)
    for _ in range(3 * MOST):
        statistics.stage("find", 1.0)
        statistics.dropped("unmask")
        statistics.presented(0.1, clock.now)
    figures = statistics.snapshot()
    assert figures.stages["find"].count == figures.age.count == MOST
    assert figures.presented == figures.dropped_in_all["unmask"] == 3 * MOST


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=50))
def test_figures_lie_within_the_values(values: list[float]) -> None:
    figures = Figures.of(values)
    assert min(values) <= figures.median <= figures.p95 <= max(values)
    assert figures.count == len(values)


def test_several_threads_at_once(clock: Clock) -> None:
    statistics = Statistics(clock=clock)

    def work(name: str) -> None:
        for _ in range(300):
            statistics.stage(name, 1.0)
            statistics.dropped("unmask")
            statistics.snapshot()

    threads = [threading.Thread(target=work, args=(f"stage {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    figures = statistics.snapshot()
    assert {f.count for f in figures.stages.values()} == {300}
    assert figures.dropped_in_all == {"unmask": 1200}


def test_the_null_observer_takes_all() -> None:
    watcher = Unobserved()
    assert watcher.stage("find", 1.0) is watcher.dropped("unmask") is watcher.presented(0.1, 1.0)
