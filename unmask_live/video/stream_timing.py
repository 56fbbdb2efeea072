"""The times of a stream's pictures and sound."""

from __future__ import annotations

from unmask_live.video.pace import Anchor, Clock, Pacer, Wait


class StreamTiming:
    """When what a stream sends was captured, and where it lies on our clock.

    Parameters
    ----------
    paced : pictures are held back until they are due by their own times
    heard : sound is taken too, so that both must be laid on our clock alike
    """

    def __init__(self, clock: Clock, wait: Wait, *, paced: bool, heard: bool) -> None:
        self._clock = clock
        self._pacer = Pacer(clock, wait) if paced else None
        self._anchor = Anchor() if heard else None

    def place(self, seconds: float | None) -> tuple[float, float] | None:
        """Return when a picture was captured and its time on our clock; None if closed."""
        if self._pacer is not None and seconds is not None:
            due = self._pacer.until(seconds)
            return None if due is None else (due, due)
        now = self._clock()
        if self._anchor is None or seconds is None:
            return now, now
        return now, self._anchor.at(seconds, now)

    def at(self, seconds: float) -> float | None:
        """Return where sound lies on our clock; None before the first picture of a paced one."""
        if self._pacer is not None:
            return self._pacer.moment(seconds)
        return self._anchor.at(seconds, self._clock()) if self._anchor is not None else None
