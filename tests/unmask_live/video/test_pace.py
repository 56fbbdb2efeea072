from __future__ import annotations

import pytest
from timing import FakeTime

from unmask_live.video.pace import PAUSES, Anchor, Pacer, RateMeter, Retry


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


def test_an_anchor_keeps_a_streams_own_times_until_they_jump() -> None:
    anchor = Anchor(tolerance=1.0)
    assert anchor.at(50.0, 1000.0) == 1000.0
    assert anchor.at(50.04, 1000.3) == pytest.approx(1000.04)  # late, and in its place
    assert anchor.at(50.08, 1000.05) == pytest.approx(1000.08)
    assert anchor.at(3.0, 1001.0) == 1001.0  # the stream began anew
    assert anchor.at(3.5, 1001.4) == 1001.5


def test_a_moment_is_known_from_the_first_picture_on() -> None:
    time = FakeTime(7.0)
    pacer = Pacer(time.clock, time.wait)
    assert pacer.moment(1.0) is None
    pacer.until(1.0)
    assert pacer.moment(1.5) == 7.5
