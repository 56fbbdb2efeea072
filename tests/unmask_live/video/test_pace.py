from __future__ import annotations

import pytest
from timing import FakeTime

from unmask_live.video.pace import PAUSES, Pacer, RateMeter, Retry


def test_rate_is_measured_by_what_arrives() -> None:
    meter = RateMeter(seconds=2)
    assert meter.rate == 0
    meter.add(5.0)
    assert meter.rate == 0
    for n in range(1, 100):
        meter.add(5 + n / 30)
    assert meter.rate == pytest.approx(30)


def test_rate_follows_a_change_and_bears_a_hiccup() -> None:
    meter = RateMeter(seconds=2)
    for n in range(60):
        meter.add(n / 30)
    meter.add(2.4)  # one gap
    assert meter.rate == pytest.approx(30)
    for n in range(1, 40):
        meter.add(2.4 + n / 10)
    assert meter.rate == pytest.approx(10)
    meter.clear()
    meter.add(90.0)
    meter.add(90.0)
    assert meter.rate == 0


def test_pauses_grow_and_begin_anew() -> None:
    retry = Retry()
    pauses = [retry.pause() for _ in range(6)]
    assert pauses[: len(PAUSES)] == list(PAUSES)
    assert pauses[-1] == max(pauses) == 2.0
    retry.reset()
    assert retry.pause() == PAUSES[0]


def test_pacer_waits_until_due_and_tells_when_it_is_closed() -> None:
    time = FakeTime(7.0)
    pacer = Pacer(time.clock, time.wait)
    assert [pacer.until(at) for at in (0.0, 0.5, 0.75)] == [7.0, 7.5, 7.75]
    assert time.now == 7.75
    time.closed = lambda: True
    assert pacer.until(1.0) is None
    assert time.now == 7.75
