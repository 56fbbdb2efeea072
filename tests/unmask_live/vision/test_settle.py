from __future__ import annotations

import numpy as np
import pytest

from unmask_live.vision.settle import EVERY, Settled


def test_the_first_reading_is_taken_as_it_is():
    assert Settled(1.0)(lambda: 3.0, 0.0) == 3.0


@pytest.mark.parametrize("frames", [1, 4, 10])
def test_it_follows_by_the_clock_whatever_the_rate(frames):
    value = Settled(1.0)
    value(lambda: 0.0, 0.0)
    for _ in range(frames):
        last = value(lambda: 1.0, 1.0 / frames)
    assert last == pytest.approx(1 - np.exp(-1), rel=1e-6)


def test_it_reads_no_oftener_than_it_must():
    value, readings = Settled(0.7), []

    def read() -> float:
        readings.append(len(readings))
        return 1.0

    for _ in range(61):
        value(read, 1 / 60)
    assert len(readings) <= 1 + round(1 / EVERY)


def test_arrays_are_followed_channel_by_channel():
    value = Settled(1.0)
    value(lambda: np.zeros(3, np.float32), 0.0)
    last = value(lambda: np.array([0, 1, 2], np.float32), 9.0)
    assert last == pytest.approx([0, 1, 2], abs=1e-3)
