"""The capture thread's half of a live run: the source, opened, mirrored and closed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

from unmask_live.settings import Settings
from unmask_live.statistics import CAPTURE, Statistics
from unmask_live.video.capture import LiveFrame, LiveSource, Notice, OnSound, open_live
from unmask_live.video.pace import RateMeter, usual_rate


class Taken(NamedTuple):
    """A captured frame, and whether it was mirrored."""

    frame: LiveFrame
    mirrored: bool


class Capturing:
    """Opens a source when frames are first asked for, and may be told to close it at any time.

    Parameters
    ----------
    source : a source, or what `open_live` takes
    statistics : what each frame's capture is noted in
    say : takes what the source has to tell
    clock : seconds, on the clock of the frames' captures
    """

    def __init__(
        self,
        source: LiveSource | str,
        statistics: Statistics,
        say: Callable[[Notice], None],
        clock: Callable[[], float],
    ) -> None:
        self._spec = source
        self._source: LiveSource | None = None if isinstance(source, str) else source
        self._statistics, self._say, self._clock = statistics, say, clock
        self._closed = False
        self._lock = threading.Lock()
        self._meter = RateMeter()

    @property
    def label(self) -> str:
        """What was picked, for people."""
        source = self._source
        return str(self._spec) if source is None else source.label

    @property
    def description(self) -> str:
        """Size, format and rates of the source, for people; empty until it is open."""
        source = self._source
        return "" if source is None else source.describe()

    @property
    def rate(self) -> float | None:
        """The source's frames a second, 1 to 120; None until they are known."""
        rate = self._meter.rate
        return min(usual_rate(rate), 120.0) if rate else None

    def frames(self, settings: Callable[[], Settings], hear: OnSound) -> Iterator[Taken]:
        """Yield frames as they come, mirrored as the settings say at the time.

        Parameters
        ----------
        settings : asked before each frame
        hear : takes the source's sound
        """
        source = self._open()
        source.on_notice, source.on_sound = self._say, hear
        source.mirror = mirrored = settings().mirror
        for frame in source.frames():
            self._statistics.stage(CAPTURE, (self._clock() - frame.captured) * 1e3)
            self._meter.add(frame.captured)
            yield Taken(frame, mirrored)
            source.mirror = mirrored = settings().mirror

    def close(self) -> None:
        """Close the source, also one that is still being opened."""
        with self._lock:
            self._closed = True
            source = self._source
        if source is not None:
            source.close()

    def _open(self) -> LiveSource:
        source = open_live(self._spec) if isinstance(self._spec, str) else self._spec
        with self._lock:
            self._source = source
            closed = self._closed
        if closed:  # stopped while it was being opened
            source.close()
        return source
