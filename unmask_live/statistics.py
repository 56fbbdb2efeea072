"""What a live run tells about itself: milliseconds by stage, drops, frame rate, frame age."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

WINDOW = 3.0
"""Seconds that figures look back."""
MOST = 1024
"""Values kept of each kind at most, whatever the frame rate."""
CAPTURE = "capture"
"""The stage each frame of the source goes through, dropped ones too: it tells the source's rate."""


class Observer(Protocol):
    """Told by a run what happens, from several threads. Must return at once."""

    def stage(self, name: str, milliseconds: float) -> None:
        """One frame spent this long in a stage."""
        ...

    def dropped(self, stage: str, count: int = 1) -> None:
        """Frames were left out before ``stage`` because newer ones came."""
        ...

    def presented(self, age: float, at: float) -> None:
        """Tell that a frame was shown ``age`` seconds after its capture, at ``at`` on the clock."""
        ...


class Unobserved:
    """The observer of runs that nobody watches."""

    def stage(self, name: str, milliseconds: float) -> None:
        """Do nothing."""

    def dropped(self, stage: str, count: int = 1) -> None:
        """Do nothing."""

    def presented(self, age: float, at: float) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Figures:
    """Median, 95th percentile and count of some milliseconds; zeros where there are none."""

    median: float = 0.0
    p95: float = 0.0
    count: int = 0

    @classmethod
    def of(cls, values: Sequence[float]) -> Figures:
        """Sum up some values."""
        if not values:
            return cls()
        median, p95 = np.percentile(np.asarray(values), (50, 95))
        return cls(float(median), float(p95), len(values))


@dataclass(frozen=True)
class Snapshot:
    """The figures of the last `WINDOW` seconds.

    Attributes
    ----------
    fps : frames shown a second
    source_fps : frames the source gave a second, dropped ones too
    age : milliseconds from capture to presentation
    stages : milliseconds by stage
    dropped : frames left out before each stage
    presented : frames shown since the first
    dropped_in_all : frames left out before each stage since the first was shown
    """

    fps: float = 0.0
    source_fps: float = 0.0
    age: Figures = Figures()
    stages: dict[str, Figures] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    presented: int = 0
    dropped_in_all: dict[str, int] = field(default_factory=dict)


_Values = deque[tuple[float, float]]  # (when, value)


def _window() -> _Values:
    return deque(maxlen=MOST)


class Statistics:
    """An `Observer` that remembers the last seconds. Safe to use from any thread.

    Parameters
    ----------
    window : seconds to look back
    clock : seconds, rising; the one that ``presented`` is told the time of
    """

    def __init__(
        self, *, window: float = WINDOW, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._window, self._clock = window, clock
        self._lock = threading.Lock()
        self._stages: dict[str, _Values] = defaultdict(_window)
        self._drops: dict[str, _Values] = defaultdict(_window)
        self._ages = _window()
        self._presented = 0
        self._dropped: dict[str, int] = defaultdict(int)

    def stage(self, name: str, milliseconds: float) -> None:
        """Remember how long one frame spent in a stage."""
        now = self._clock()
        with self._lock:
            self._add(self._stages[name], now, milliseconds)

    def dropped(self, stage: str, count: int = 1) -> None:
        """Remember that frames were left out before ``stage``."""
        now = self._clock()
        with self._lock:
            self._add(self._drops[stage], now, count)
            self._dropped[stage] += count

    def presented(self, age: float, at: float) -> None:
        """Remember that a frame was shown ``age`` seconds after its capture."""
        with self._lock:
            self._add(self._ages, at, age * 1e3)
            self._presented += 1

    def restart(self) -> None:
        """Forget all so far: what came before the first frame was shown says nothing."""
        with self._lock:
            self._stages.clear()
            self._drops.clear()
            self._ages.clear()
            self._presented = 0
            self._dropped.clear()

    def _add(self, values: _Values, when: float, value: float) -> None:
        """Add one, and drop those that no figure looks back to."""
        values.append((when, value))
        while values[0][0] <= when - self._window:
            values.popleft()

    def snapshot(self, now: float | None = None) -> Snapshot:
        """Return the figures of the last seconds before ``now`` (by default the clock's time)."""
        end = self._clock() if now is None else now
        start = end - self._window
        with self._lock:
            stages = {name: _since(start, values) for name, values in self._stages.items()}
            drops = {name: _since(start, values) for name, values in self._drops.items()}
            ages = _since(start, self._ages)
            presented, dropped = self._presented, dict(self._dropped)
        return Snapshot(
            fps=_rate([at for at, _ in ages], end),
            source_fps=_rate([at for at, _ in stages.get(CAPTURE, [])], end),
            age=_figures(ages),
            stages={name: _figures(values) for name, values in stages.items()},
            dropped={name: int(sum(n for _, n in values)) for name, values in drops.items()},
            presented=presented,
            dropped_in_all=dropped,
        )


def _since(start: float, values: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    return [value for value in values if value[0] > start]


def _figures(values: Sequence[tuple[float, float]]) -> Figures:
    return Figures.of([value for _, value in values])


def _rate(times: Sequence[float], now: float) -> float:
    """Return events a second. From gap to gap, which is exact; a stall counts once it shows."""
    if len(times) < 2:
        return 0.0
    span = times[-1] - times[0]
    if now - times[-1] > 2 * span / (len(times) - 1):
        span = now - times[0]
    return (len(times) - 1) / span if span > 0 else 0.0
