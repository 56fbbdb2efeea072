"""A live source that gives what a test feeds it, when it feeds it."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from unmask_live.video.capture import LiveFrame, Notice, OnNotice, OnSound

MILLISECOND = Fraction(1, 1000)


class FedSource:
    """`LiveSource` of pictures from `feed`; ends by `finish`, `fail` or `close`."""

    def __init__(self, label: str = "fed") -> None:
        self.label = label
        self.mirror = False
        self.on_notice: OnNotice = lambda _: None
        self.on_sound: OnSound | None = None
        self.closed = 0
        self._fed: queue.Queue[LiveFrame | Notice | BaseException | None] = queue.Queue()
        self._count = 0

    def feed(
        self, value: int = 60, captured: float = 0.0, size: tuple[int, int] = (48, 32)
    ) -> None:
        """Give a picture, all grey but for a white left edge, so that mirroring shows."""
        image = np.full((size[1], size[0], 3), value, np.uint8)
        image[:, :4] = 255
        self.feed_picture(image, captured)

    def feed_picture(self, image: np.ndarray, captured: float) -> None:
        """Give a picture of one's own."""
        pts = round(1000 * self._count / 30)
        self._fed.put(LiveFrame(image, pts, MILLISECOND, self._count, captured))
        self._count += 1

    def notify(self, notice: Notice) -> None:
        self._fed.put(notice)

    def finish(self) -> None:
        self._fed.put(None)

    def fail(self, error: BaseException) -> None:
        self._fed.put(error)

    def frames(self) -> Iterator[LiveFrame]:
        while (item := self._fed.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            if isinstance(item, Notice):
                self.on_notice(item)
                continue
            image = item.image[:, ::-1] if self.mirror else item.image
            yield LiveFrame(image, item.pts, item.time_base, item.index, item.captured)

    def describe(self) -> str:
        return "48×32 fed by a test"

    def close(self) -> None:
        self.closed += 1
        self._fed.put(None)
