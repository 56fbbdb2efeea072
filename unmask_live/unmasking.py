"""The see and unmask threads' half of a live run: one `Unmasker` that both of them use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import NamedTuple

from unmask_live.adaptive import Adaptive, Glimpse
from unmask_live.capturing import Taken
from unmask_live.compiling import compiles
from unmask_live.errors import UserError
from unmask_live.quality import LEVELS, Level, levels
from unmask_live.runtime.manifest import load_manifest
from unmask_live.settings import Settings
from unmask_live.statistics import Statistics
from unmask_live.types import Unmasked
from unmask_live.unmasker import Unmasker
from unmask_live.video.capture import LiveFrame, Notice, NoticeKind


class Done(NamedTuple):
    """A frame as it was captured and as it is unmasked, and what was set for it."""

    frame: LiveFrame
    result: Unmasked
    settings: Settings


class Unmasking:
    """Opens the networks in the see thread; whichever of the two threads leaves last closes them.

    Parameters
    ----------
    make : makes the `Unmasker` with the inpainter that is named to it
    settings : asked before each frame
    statistics : what each stage's time is noted in
    say : takes what is to be told
    clock : seconds
    """

    def __init__(
        self,
        make: Callable[[str], Unmasker],
        settings: Callable[[], Settings],
        statistics: Statistics,
        say: Callable[[Notice], None],
        clock: Callable[[], float],
    ) -> None:
        self._make, self._settings = make, settings
        self._statistics, self._say, self._clock = statistics, say, clock
        self._unmasker: Unmasker | None = None
        self._adaptive: Adaptive | None = None
        self._inside = 2
        self._lock = threading.Lock()

    @property
    def backends(self) -> dict[str, str]:
        """What truly runs each network; empty until those for the first frame are open.

        Asked of the unmasker each time: an inpainter is never in use before it is among them.
        """
        return {} if self._adaptive is None else dict(self._adaptive.backends)

    @property
    def level(self) -> str:
        """The name of the quality level in use."""
        adaptive = self._adaptive
        return LEVELS[0].name if adaptive is None else adaptive.level

    @property
    def inpainter(self) -> str:
        """The name of the inpainter in use, as `unmask_live.inpainters` has it."""
        adaptive = self._adaptive
        return self._settings().inpainter if adaptive is None else adaptive.inpainter

    def see(self, frames: Iterable[Taken]) -> Iterator[Glimpse]:
        """See thread: which faces are where, and the masks on them."""
        with self._use():
            chosen = self._settings().inpainter
            known = partial(levels, load_manifest())
            unmasker = self._unmasker = self._make(chosen)
            self._prepare(unmasker, known(chosen))
            adaptive = Adaptive(
                unmasker,
                known,
                inpainter=chosen,
                observer=self._statistics,
                say=self._say,
                clock=self._clock,
            )
            self._adaptive = adaptive
            with closing(adaptive):
                for taken in frames:
                    yield adaptive.see(taken.frame, self._settings(), taken.mirrored)

    def fill(self, glimpses: Iterable[Glimpse]) -> Iterator[Done]:
        """Unmask thread: what was seen is filled."""
        with self._use():
            for glimpse in glimpses:
                adaptive = self._adaptive
                assert adaptive  # `see` makes it before its first glimpse
                yield Done(glimpse.frame, adaptive.fill(glimpse), glimpse.settings)

    def _prepare(self, unmasker: Unmasker, later: Iterable[Level]) -> None:
        """Open all that quality may step down to, where that may take minutes."""
        if not compiles(unmasker.backends):
            return
        for inpainter in dict.fromkeys(level.quality.inpainter for level in later):
            try:
                unmasker.prepare(inpainter)
            except UserError as error:
                self._say(Notice(NoticeKind.WARNING, str(error)))

    @contextmanager
    def _use(self) -> Iterator[None]:
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                last = not self._inside
            if last and self._unmasker is not None:
                self._unmasker.close()
