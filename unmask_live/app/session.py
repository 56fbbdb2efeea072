"""One live run after the other: opening, starting, stopping and changing, never waiting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from PyQt6.QtCore import QObject, pyqtSignal

from unmask_live.app.bridge import Bridge
from unmask_live.app.tasks import Tasks
from unmask_live.kept_camera import KeptCamera
from unmask_live.live import Live, Shown
from unmask_live.settings import Settings
from unmask_live.state import State
from unmask_live.video.capture import LiveSource, Notice, open_live


@dataclass(frozen=True)
class Wanted:
    """What to run; ``spec``, ``size`` and ``fps`` as `open_live` takes them."""

    spec: str
    size: tuple[int, int] | None = None
    fps: float | None = None
    backend: str = "auto"
    settings: Settings = field(default_factory=Settings)
    finder: str = "ours"


class Session(QObject):
    """Owns the live run, if there is one. Lives in the GUI thread; all its signals come there.

    Parameters
    ----------
    open_source : opens what is wanted, in the background
    make_live : makes the run

    Attributes
    ----------
    kept : the virtual camera while nothing runs
    """

    shown = pyqtSignal(object)  # Shown
    noticed = pyqtSignal(object)  # Notice
    state_changed = pyqtSignal(object)  # State
    failed = pyqtSignal(object)  # BaseException

    def __init__(
        self,
        tasks: Tasks,
        open_source: Callable[..., LiveSource] = open_live,
        make_live: Callable[..., Live] = Live,
    ) -> None:
        super().__init__()
        self._tasks = tasks
        self._open_source, self._make_live = open_source, make_live
        self._live: Live | None = None
        self.kept = KeptCamera()
        self._bridge = Bridge(self)
        self._bridge.frame_ready.connect(self._show)
        self._bridge.noticed.connect(self._notice)
        self._bridge.state_changed.connect(self._follow)
        self._next: Wanted | None = None
        self._opening: Wanted | None = None
        self._state = State.IDLE

    @property
    def live(self) -> Live | None:
        """The run, from its start until it is over."""
        return self._live

    @property
    def state(self) -> State:
        """Where the run stands; STARTING from the click on, IDLE before the first."""
        return self._state

    @property
    def busy(self) -> bool:
        """Whether something runs, or is about to."""
        return self._live is not None or self._opening is not None

    def start(self, wanted: Wanted) -> None:
        """Run ``wanted``, in place of what runs now: that is stopped first."""
        self._next = wanted
        if self.busy:
            self._end()
        else:
            self._open()

    def stop(self) -> None:
        """End the run; `state_changed` tells when it has."""
        self._next = None
        if self.busy:
            self._end()

    def change(self, settings: Settings) -> None:
        """Apply settings to the run from its next frame on."""
        if self._opening is not None:
            self._opening = replace(self._opening, settings=settings)
        if self._next is not None:
            self._next = replace(self._next, settings=settings)
        if self._live is not None:
            self._live.settings = settings

    def _end(self) -> None:
        self._to(State.STOPPING)
        if self._live is not None:
            self._live.stop()

    def _open(self) -> None:
        wanted, self._next = self._next, None
        if wanted is None:
            return
        self._opening = wanted
        self._to(State.STARTING)
        self._tasks.run(
            lambda: self._open_source(
                wanted.spec, size=wanted.size, fps=wanted.fps, mirror=wanted.settings.mirror
            ),
            self._opened,
            self._not_opened,
            name="open-source",
        )

    def _opened(self, source: LiveSource) -> None:
        wanted, self._opening = self._opening, None
        if wanted is None or self._state is not State.STARTING:
            self._tasks.run(source.close, _ignore, _ignore, name="close-source", keep=True)
            self._over(State.STOPPED)
            return
        bridge = self._bridge
        run = bridge.next_run()
        self._live = self._make_live(
            source,
            backend=wanted.backend,
            finder=wanted.finder,
            settings=wanted.settings,
            kept=self.kept,
            on_shown=partial(bridge.on_shown, run),
            on_notice=partial(bridge.on_notice, run),
            on_state=partial(bridge.on_state, run),
        )
        self._live.start()

    def _not_opened(self, error: BaseException) -> None:
        self._opening = None
        if self._state is State.STARTING:
            self._over(State.FAILED, error)
        else:
            self._over(State.STOPPED)

    def _show(self) -> None:
        shown: Shown | None = self._bridge.take()
        if shown is not None and self._live is not None and self._state is not State.STOPPING:
            self.shown.emit(shown)

    def _notice(self, run: int, notice: Notice) -> None:
        if run == self._bridge.run:
            self.noticed.emit(notice)

    def _follow(self, run: int, state: State) -> None:
        if run != self._bridge.run:
            return
        if state.over:
            error = self._live.error if self._live is not None else None
            self._live = None
            self._over(state, error)
        elif self._state is not State.STOPPING and state is not State.STARTING:
            self._to(state)

    def _over(self, state: State, error: BaseException | None = None) -> None:
        """Say how the run ended, and begin the next if one is wanted."""
        if self._next is not None:
            self._open()
            return
        if state is State.STOPPED:
            self.kept.blank()
        self._to(state)
        if error is not None:
            self.failed.emit(error)

    def _to(self, state: State) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)


def _ignore(_: object) -> None:
    """Hear that a source nobody wants any more was closed."""
