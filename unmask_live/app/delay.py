"""The delay to set for a microphone: a number that stands still, or nobody could set one by it."""

from __future__ import annotations

from collections import deque
from statistics import median

FIRST = 6
"""Ages that are seen before a delay is told: the first frames of a run come late."""
KEPT = 60
"""Ages that it is the median of: half a minute of two a second, with bare faces and filled ones."""
OFF = 15.0
"""Milliseconds by which what is told may be wrong; lips and voice drift apart from about 40 on."""
LONG = 20
"""Ages in a row for which it must be wrong before another is told."""


class SteadyDelay:
    """Makes of the frames' age, told regularly, a delay in whole tens of milliseconds."""

    def __init__(self) -> None:
        self._ages: deque[float] = deque(maxlen=KEPT)
        self._wrong = 0
        self._told: int | None = None

    def add(self, age: float) -> int | None:
        """Take the age of the last seconds' frames in ms; return the delay, None if not known."""
        self._ages.append(age)
        usual = median(self._ages)
        far = self._told is None or abs(usual - self._told) > OFF
        self._wrong = self._wrong + 1 if far else 0
        if self._wrong >= (FIRST if self._told is None else LONG):
            self._told, self._wrong = 10 * round(usual / 10), 0
        return self._told

    def clear(self) -> None:
        """Forget all: another run may be late otherwise."""
        self._ages.clear()
        self._told, self._wrong = None, 0
