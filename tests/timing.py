"""A clock that only waiting moves, so that tests of live sources take no time."""

from __future__ import annotations

from collections.abc import Callable


class FakeTime:
    """Stands in for `time.monotonic` and for a wait that a closed source cuts short."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.waits: list[float] = []
        self.closed: Callable[[], bool] = lambda: False

    def clock(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        if self.closed():
            return True
        self.waits.append(seconds)
        self.now += seconds
        return False
