"""Sources that may go away: told once, tried again and again, and their times rise on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any, NamedTuple

from unmask_live.errors import UserError
from unmask_live.types import Image
from unmask_live.video.capture import LiveFrame, NoticeKind
from unmask_live.video.feed import Feed, Stamper
from unmask_live.video.pace import RateMeter, Retry

SILENT = 2.0
"""Seconds without a picture after which a source counts as lost."""


class Arrival(NamedTuple):
    """A picture (RGB), when it was captured, and its time on the run's clock before the zero."""

    image: Image
    captured: float
    at: float


class ReturningFeed(Feed, ABC):
    """Base of cameras and streams.

    A subclass yields the pictures of one connection from `_visit`, sets ``_opened`` once it has
    one, raises UserError while it gets none, and returns when the connection is lost.
    """

    _cure = ""
    """What the user can do about a loss."""

    def __init__(self, label: str, *, mirror: bool = False, **timing: Any) -> None:
        super().__init__(label, mirror=mirror, **timing)
        self._opened = False
        self._stamper, self._meter = Stamper(), RateMeter()

    @abstractmethod
    def _visit(self) -> Generator[Arrival, None, None]:
        """Connect and yield what comes, until lost or closed."""

    def _look_again(self) -> None:
        """Get ready for another attempt."""

    def frames(self) -> Iterator[LiveFrame]:
        """Yield pictures; while the source is away nothing comes, then times go on rising.

        Raises
        ------
        UserError
            if it cannot be opened at first; later that is waited for
        """
        retry, lost = Retry(), False
        while not self.closed():
            try:
                with closing(self._visit()) as arrivals:
                    for arrival in arrivals:
                        if lost:
                            lost = False
                            self._notify(NoticeKind.BACK, f"{self.label} is back.")
                        retry.reset()
                        self._meter.add(arrival.captured)
                        image = self._turned(arrival.image)
                        yield self._stamper.stamp(image, arrival.captured, arrival.at)
            except UserError:
                if not self._opened:
                    raise
            if self.closed():
                return
            if not lost:
                lost = True
                self._meter.clear()
                text = f"{self.label} stopped sending pictures: {self._cure}, I keep trying."
                self._notify(NoticeKind.LOST, text)
            if self._wait(retry.pause()):
                return
            self._look_again()
