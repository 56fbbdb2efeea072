"""The present thread's half of a live run: window, recording and virtual camera."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from unmask_live.channel import Channel, Nothing
from unmask_live.heap import trim
from unmask_live.outputs import RATE, Outputs
from unmask_live.statistics import Statistics
from unmask_live.types import Image, Unmasked
from unmask_live.unmasking import Done
from unmask_live.video.badge import Badge
from unmask_live.video.capture import LiveFrame, Notice

_PATIENCE = 1.5
"""Frame times without a new picture after which the virtual camera is sent the last one again."""
_LONGEST = 0.1
"""Seconds after which the present thread looks for wishes and notices in any case."""
_TRIM = 20.0
"""Seconds after which what the heaps hold free is given back, so that hours of running hold no more
than minutes."""
_NOTICES = 64
"""Notices that may wait for the present thread; older ones give way."""


@dataclass(frozen=True)
class Shown:
    """One frame as it is presented.

    Attributes
    ----------
    frame : as it was captured (mirrored if that is set)
    result : unmasked; the picture as it is, without faces, where unmasking is off
    view : H×W×3 uint8 RGB for the window, with a badge if that is set
    output : H×W×3 uint8 RGB, what leaves the program, with a badge if that is set and anything
        does leave
    age : seconds since the capture
    """

    frame: LiveFrame
    result: Unmasked
    view: Image
    output: Image
    age: float


class Presenting:
    """Hands every result to the owner and the outputs, and every notice to the owner.

    Parameters
    ----------
    outputs : closed when the run ends
    statistics : what is presented is noted in
    on_shown, on_notice : the owner's
    rate : asked for the source's frames a second; None while it is not known
    clock : seconds, on the clock of the frames' captures
    """

    def __init__(
        self,
        outputs: Outputs,
        statistics: Statistics,
        *,
        on_shown: Callable[[Shown], None],
        on_notice: Callable[[Notice], None],
        rate: Callable[[], float | None],
        clock: Callable[[], float],
    ) -> None:
        self._outputs, self._statistics = outputs, statistics
        self._on_shown, self._on_notice = on_shown, on_notice
        self._rate, self._clock = rate, clock
        self._notices: deque[Notice] = deque(maxlen=_NOTICES)
        self._badge = Badge()  # one for the run: it stays in its corner while that is free
        self._first = True

    def say(self, notice: Notice) -> None:
        """Have the owner told, by the present thread; any thread may call this."""
        self._notices.append(notice)

    def run(self, results: Channel[Done], shown: Callable[[], None]) -> None:
        """Present thread: take results until that raises.

        Parameters
        ----------
        shown : called after each frame was shown
        """
        with closing(self._outputs):
            try:
                due = self._clock() + _TRIM
                while True:
                    if self._clock() >= due:
                        trim()
                        due = self._clock() + _TRIM
                    self._pass_notices()
                    try:
                        done = results.get(min(_LONGEST, _PATIENCE / (self._rate() or RATE)))
                    except Nothing:
                        self._outputs.idle()
                    else:
                        self._show(done, shown)
            finally:
                self._pass_notices()

    def _show(self, done: Done, shown: Callable[[], None]) -> None:
        if self._first:
            self._statistics.restart()
            self._first = False
        start = self._clock()
        image, settings = done.result.image, done.settings
        leaves = settings.badge_outputs and self._outputs.wanted
        badged = settings.unmask and (leaves or settings.badge_view)
        badge = self._badge(image, done.result.faces) if badged else image
        output = badge if settings.badge_outputs else image
        self._outputs.send(output)
        now = self._clock()
        age = now - done.frame.captured
        view = badge if settings.badge_view else image
        self._on_shown(Shown(done.frame, done.result, view, output, age))
        self._statistics.presented(age, now)
        shown()
        self._outputs.write(output, done.frame.seconds)
        self._statistics.stage("present", (self._clock() - start) * 1e3)

    def _pass_notices(self) -> None:
        while self._notices:
            self._on_notice(self._notices.popleft())
