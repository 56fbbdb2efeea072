"""How fast a conversion goes and how long it will still take."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

LOOK_BACK = 8.0
"""Seconds of work that the present speed is judged by."""


class Pace:
    """Counts frames; ``clock`` gives seconds, rising."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: deque[float] = deque([clock()], maxlen=512)
        self.frames = 0

    def count(self) -> None:
        """Note that a frame is done."""
        now = self._clock()
        self.frames += 1
        self._times.append(now)
        while len(self._times) > 2 and now - self._times[0] > LOOK_BACK:
            self._times.popleft()

    @property
    def rate(self) -> float:
        """Frames a second of late; 0 before the first."""
        span = self._times[-1] - self._times[0]
        return (len(self._times) - 1) / span if span > 0 else 0.0

    def left(self, total: int | None) -> float | None:
        """Return the seconds that ``total`` frames will still take; None if nobody knows."""
        if total is None or not self.rate:
            return None
        return max(0, total - self.frames) / self.rate


def in_words(seconds: float) -> str:
    """Return ``under 5 s``, ``40 s``, ``3 min 20 s`` or ``1 h 05 min``, not too exact."""
    if seconds < 5:
        return "under 5 s"
    if seconds < 60:
        return f"{5 * round(seconds / 5)} s"
    minutes, rest = divmod(10 * round(seconds / 10), 60)
    if minutes < 10:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02} min"
