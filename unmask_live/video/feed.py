"""What every live source shares: closing, notices, and times that rise."""

from __future__ import annotations

import threading
import time
from fractions import Fraction

import cv2
import numpy as np

from unmask_live.types import Image
from unmask_live.video.capture import LiveFrame, Notice, NoticeKind, OnNotice, OnSound
from unmask_live.video.pace import Clock, Wait

MICROSECOND = Fraction(1, 1_000_000)


class Feed:
    """Base of the live sources.

    Parameters
    ----------
    label : what the user picked
    clock : seconds, never going back
    wait : waits so many seconds, less if closed; returns whether closed. Tests pass their own.
    """

    def __init__(
        self,
        label: str,
        *,
        mirror: bool = False,
        clock: Clock = time.monotonic,
        wait: Wait | None = None,
    ) -> None:
        self.label = label
        self.mirror = mirror
        self.on_notice: OnNotice = _ignore
        self.on_sound: OnSound | None = None
        self._clock = clock
        self._closing = threading.Event()
        self._wait = wait or self._closing.wait

    def closed(self) -> bool:
        """Tell whether `close` was called."""
        return self._closing.is_set()

    def close(self) -> None:
        """End the iteration; from any thread, safe to call twice."""
        self._closing.set()

    def _notify(self, kind: NoticeKind, text: str) -> None:
        self.on_notice(Notice(kind, text))

    def _turned(self, image: Image) -> Image:
        """Mirror a picture if that is asked."""
        return np.asarray(cv2.flip(image, 1), np.uint8) if self.mirror else image


class Stamper:
    """Numbers pictures and gives them strictly rising times, 0 at the first."""

    def __init__(self) -> None:
        self.zero: float | None = None
        self._last = -1
        self._index = -1
        self._shape: tuple[int, ...] | None = None

    def stamp(self, image: Image, captured: float, at: float | None = None) -> LiveFrame:
        """Make a frame of what was captured; its time is by ``at`` where that differs.

        One of another size than the first is scaled to it, so that a run keeps one.
        """
        at = captured if at is None else at
        if self.zero is None:
            self.zero, self._shape = at, image.shape
        if image.shape != self._shape and self._shape is not None:
            size = self._shape[1], self._shape[0]
            image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        self._last = max(self._last + 1, round((at - self.zero) / MICROSECOND))
        self._index += 1
        return LiveFrame(image, self._last, MICROSECOND, self._index, captured)


def _ignore(_: Notice) -> None:
    pass
