"""Both halves of a live run's work: an Unmasker whose quality follows what the machine can do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from unmask_live.errors import UserError
from unmask_live.governor import Cost, Governor, Step
from unmask_live.inpainters import title_of
from unmask_live.quality import INPAINTER, Level
from unmask_live.settings import Settings
from unmask_live.statistics import Observer
from unmask_live.switching import Switching
from unmask_live.types import Unmasked
from unmask_live.unmasker import Seen, Unmasker
from unmask_live.video.capture import LiveFrame, Notice, NoticeKind


@dataclass(frozen=True)
class Glimpse:
    """A frame half done.

    Attributes
    ----------
    seen : None where unmasking is off
    settings : as they were when it was seen
    gap : the source's seconds from the frame before; None if that is not known
    milliseconds : what seeing took
    """

    frame: LiveFrame
    seen: Seen | None
    settings: Settings
    gap: float | None
    milliseconds: float


class Adaptive:
    """Unmasks frame by frame and steps quality down and up by the `Governor`'s rules.

    A level whose inpainter is not open yet is gone to when it is: it is opened in the background
    and no frame waits. One thread may call `see` for the next frame while another calls `fill` for
    this one.

    Parameters
    ----------
    unmasker : opened with ``inpainter``
    levels : gives, best first, those that there are where an inpainter is chosen
    inpainter : the one that is chosen to begin with
    say : told of each step
    clock : seconds, rising
    """

    def __init__(
        self,
        unmasker: Unmasker,
        levels: Callable[[str], Sequence[Level]],
        *,
        inpainter: str = INPAINTER,
        observer: Observer,
        say: Callable[[Notice], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._unmasker = unmasker
        self._levels = levels
        self._switching = Switching(
            lambda name: self._unmasker.prepare(name), inpainter=inpainter, fail=self._not_opened
        )
        self._governor = Governor(
            levels(inpainter), ready=lambda level: self._switching.has(level.quality.inpainter)
        )
        self._observer, self._say, self._clock = observer, say, clock
        self._last: LiveFrame | None = None
        self._view: tuple[bool, bool] | None = None

    @property
    def level(self) -> str:
        """The name of the level in use."""
        return self._governor.level.name

    @property
    def inpainter(self) -> str:
        """The name of the inpainter in use: at the last level it is not the chosen one."""
        return self._governor.level.quality.inpainter

    @property
    def backends(self) -> dict[str, str]:
        """What truly runs each network that is open, as its backend reports it."""
        return self._unmasker.backends

    def close(self) -> None:
        """Wait for an inpainter that is being opened, so that the unmasker may be closed."""
        self._switching.join()

    def see(self, frame: LiveFrame, settings: Settings, mirrored: bool) -> Glimpse:
        """Do the first half of a frame's work, or nothing if that is set.

        Parameters
        ----------
        mirrored : whether this frame is; when that changes, every face is a new one
        """
        last, self._last = self._last, frame
        view = settings.unmask, mirrored
        if self._view not in (None, view):
            self._unmasker.reset()
        self._view = view
        gap = _gap(last, frame)
        if not settings.unmask:
            return Glimpse(frame, None, settings, gap, 0.0)
        self._unmasker.smoothing = settings.smoothing
        start = self._clock()
        seen = self._unmasker.see(frame.image, frame.seconds)
        return Glimpse(frame, seen, settings, gap, (self._clock() - start) * 1e3)

    def fill(self, glimpse: Glimpse) -> Unmasked:
        """Return the frame unmasked, or as it is where unmasking is off."""
        if self._switching.ready(glimpse.settings.inpainter):
            self._switch(glimpse.settings)
        if glimpse.seen is None:
            return Unmasked(glimpse.frame.image, ())
        start = self._clock()
        result = self._unmasker.fill(glimpse.seen)
        now = self._clock()
        spent = (now - start) * 1e3
        self._observer.stage("unmask", glimpse.milliseconds + spent)
        for stage, milliseconds in result.milliseconds.items():
            if milliseconds > 0:  # a stage that was left out took no time
                self._observer.stage(stage, milliseconds)
        self._governor.mode = glimpse.settings.quality
        cost = _cost(glimpse.milliseconds, spent, result)
        step = self._governor.observe(now, glimpse.gap, cost)
        if step is not None:
            self._take(step, glimpse.settings.quality == "auto")
        return result

    def _take(self, step: Step, by_itself: bool) -> None:
        self._unmasker.quality = step.level.quality
        if by_itself:
            self._say(Notice(NoticeKind.INFO, _words(step)))

    def _switch(self, settings: Settings) -> None:
        """Go over to an inpainter that is open; frames that are seen already keep theirs."""
        self._governor.mode = settings.quality
        level = self._governor.go_by(self._levels(settings.inpainter))
        self._unmasker.quality = level.quality
        title, used = title_of(settings.inpainter), title_of(level.quality.inpainter)
        text = f"faces are invented by {used} now"
        if used != title:
            text = f"at the fastest quality faces are invented by {used}, not by {title}"
        self._say(Notice(NoticeKind.INFO, text))

    def _not_opened(self, inpainter: str, error: BaseException) -> None:
        said = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
        kept = title_of(self._switching.inpainter)
        text = f"{title_of(inpainter)} cannot be had, so {kept} goes on: {said}"
        self._say(Notice(NoticeKind.WARNING, text))
        self._governor.leave_out(inpainter)


def _gap(last: LiveFrame | None, frame: LiveFrame) -> float | None:
    """Return the source's seconds from frame to frame, whatever was dropped in between."""
    if last is None or frame.index <= last.index:
        return None
    return (frame.captured - last.captured) / (frame.index - last.index)


def _cost(see: float, fill: float, result: Unmasked) -> Cost:
    took = result.milliseconds
    fills = sum(face.masked for face in result.faces)
    return Cost(see, fill, took.get("find", 0.0), took.get("inpaint", 0.0), fills)


def _words(step: Step) -> str:
    if step.down:
        return f"this machine cannot keep up, so quality steps down: {step.level.name}"
    return f"this machine keeps up again, so quality steps up: {step.level.name}"
