from __future__ import annotations

import pytest
from timing import FakeTime

from unmask_live.video.pace import PAUSES, SETTLING, Anchor, Pacer, RateMeter, Retry, usual_rate


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
    for n in range(90):
        meter.add(n / 30)
    meter.add(3.4)  # one gap
    assert meter.rate == pytest.approx(30)
    for n in range(1, 40):
        meter.add(3.4 + n / 10)
    assert meter.rate == pytest.approx(10)
    meter.clear()
    meter.add(90.0)
    meter.add(90.0)
    assert meter.rate == pytest.approx(10), "until it is known again"
    for n in range(60):
        meter.add(90 + n / 25)
    assert meter.rate == pytest.approx(25)


def test_the_burst_that_a_stream_opens_with_does_not_count() -> None:
    meter = RateMeter()
    told = set()
    for n in range(25):  # what had waited comes as fast as it can be decoded
        meter.add(5 + n / 270)
        told.add(meter.rate)
    for n in range(1, 200):
        meter.add(5.1 + n / 30)
        told.add(round(meter.rate, 3))
    assert told == {0.0, 30.0}
    assert SETTLING <= 1


def test_a_slow_source_has_a_rate_too() -> None:
    meter = RateMeter()
    for n in range(6):
        meter.add(5.0 + 2 * n)
    assert meter.rate == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("measured", "usual"),
    [(29.4, 30), (30.4, 30), (24.9, 25), (24.1, 24), (59.94, 60), (27.0, 27), (0.4, 1), (7.6, 8)],
)
def test_a_measured_rate_is_most_likely_a_usual_one(measured: float, usual: float) -> None:
    assert usual_rate(measured) == usual


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
