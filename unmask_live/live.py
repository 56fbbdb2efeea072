"""One live run: a source, the Unmasker, and what the result goes to."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from unmask_live.adaptive import Adaptive, Glimpse
from unmask_live.channel import Channel, Nothing
from unmask_live.compiling import Compiling, compiles
from unmask_live.errors import UserError
from unmask_live.heap import give_frames_back, trim
from unmask_live.kept_camera import KeptCamera
from unmask_live.outputs import RATE, Outputs
from unmask_live.pipeline import Pipeline, State
from unmask_live.quality import LEVELS, Level, levels
from unmask_live.runtime.manifest import load_manifest
from unmask_live.settings import Settings
from unmask_live.statistics import CAPTURE, Statistics
from unmask_live.types import Image, Unmasked
from unmask_live.unmasker import Unmasker
from unmask_live.video.badge import Badge
from unmask_live.video.capture import LiveFrame, LiveSource, Notice, NoticeKind, open_live
from unmask_live.video.pace import RateMeter, usual_rate

__all__ = ["Live", "Settings", "Shown", "State"]

_ENDING = frozenset({State.STOPPING, State.STOPPED, State.FAILED})
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


@dataclass(frozen=True)
class _Taken:
    """A captured frame, and whether it was mirrored."""

    frame: LiveFrame
    mirrored: bool


@dataclass(frozen=True)
class _Done:
    frame: LiveFrame
    result: Unmasked
    settings: Settings


class _Networks:
    """An Unmasker that several threads use; the last that leaves closes it."""

    def __init__(self, users: int) -> None:
        self._inside = users
        self._lock = threading.Lock()
        self._opened: Unmasker | None = None

    def open(self, make: Callable[[], Unmasker]) -> Unmasker:
        self._opened = make()
        return self._opened

    @property
    def opened(self) -> Unmasker:
        assert self._opened is not None
        return self._opened

    def __enter__(self) -> _Networks:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            last = not self._inside
        if last and self._opened is not None:
            self._opened.close()


class Live:
    """One run of one source. It cannot be started twice: make another.

    Any thread may call any method. ``on_shown`` and ``on_notice`` are called in the run's present
    thread, ``on_state`` in the one that brought the change about; they must return at once, and
    what they raise ends the run.

    Parameters
    ----------
    source : a source, or what `open_live` takes; then it is opened in the capture thread
    backend : "auto" or a backend's name
    finder : what looks for faces, as `Unmasker` takes it
    unmasker : makes the `Unmasker`, called in the see thread; by default with ``backend`` and the
        inpainter of the settings
    settings : to begin with; `Settings.mirror` overrides the source's own
    kept : the virtual camera's place between runs; without one it is closed when the run ends

    Attributes
    ----------
    settings : may be set at any time, and is applied between frames
    statistics : figures of the last seconds, from the first frame shown on
    """

    def __init__(
        self,
        source: LiveSource | str,
        *,
        backend: str = "auto",
        finder: str = "ours",
        unmasker: Callable[[], Unmasker] | None = None,
        settings: Settings | None = None,
        kept: KeptCamera | None = None,
        on_shown: Callable[[Shown], None],
        on_notice: Callable[[Notice], None],
        on_state: Callable[[State], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings or Settings()
        self.statistics = Statistics(clock=clock)
        self._spec = source
        self._source: LiveSource | None = None if isinstance(source, str) else source
        self._closed = False
        self._lock = threading.Lock()
        self._make, self._backend, self._finder = unmasker, backend, finder
        self._on_shown, self._on_notice, self._clock = on_shown, on_notice, clock
        self._notices: deque[Notice] = deque(maxlen=_NOTICES)
        self._meter = RateMeter()
        self._outputs = Outputs(on_notice, self._rate, kept=kept, clock=clock)
        self._badge = Badge()  # one for the run: it stays in its corner while that is free
        self._networks = _Networks(2)
        self._adaptive: Adaptive | None = None
        self._backends: dict[str, str] = {}
        self._pipeline: Pipeline[_Taken, _Done] = Pipeline(
            self._capture,
            self._unmask,
            self._present,
            see=self._see,
            close=self._close_source,
            on_state=on_state,
            observer=self.statistics,
        )

    @property
    def state(self) -> State:
        """Where the run stands."""
        return self._pipeline.state

    @property
    def error(self) -> BaseException | None:
        """What ended the run; None if nothing went wrong."""
        return self._pipeline.error

    def start(self) -> None:
        """Begin and return at once. The state is STARTING until the first frame was shown.

        Raises
        ------
        unmask_live.state.IllegalTransitionError
            if the run was started or stopped before
        """
        give_frames_back()
        self._pipeline.start()

    def stop(self) -> None:
        """End the run and return at once; safe in any state."""
        self._pipeline.stop()

    def join(self, timeout: float = 1.0) -> bool:
        """Wait up to ``timeout`` seconds for all threads to end; tell whether they have."""
        return self._pipeline.join(timeout)

    def record(self, path: Path | None, force: bool = False) -> None:
        """Record into ``path`` from the next frame on; None ends the recording."""
        self._outputs.record(path, force)

    @property
    def recording(self) -> Path | None:
        """The file that is being written."""
        return self._outputs.recording

    def virtual_camera(self, on: bool, device: str | None = None) -> None:
        """Send the output to the virtual camera from the next frame on, or stop doing so."""
        self._outputs.virtual_camera(on, device)

    @property
    def camera_description(self) -> str | None:
        """What the virtual camera is; None while it is off."""
        return self._outputs.camera_description

    @property
    def camera_awaited(self) -> bool:
        """Whether the virtual camera is asked for and was not opened or refused yet."""
        return self._outputs.camera_awaited

    @property
    def sending(self) -> bool:
        """Whether pictures go into a recording or the virtual camera, or are about to."""
        return self._outputs.wanted

    @property
    def backends(self) -> dict[str, str]:
        """What truly runs each network; empty until they are open."""
        return self._backends

    @property
    def level(self) -> str:
        """The name of the quality level in use."""
        adaptive = self._adaptive
        return LEVELS[0].name if adaptive is None else adaptive.level

    @property
    def inpainter(self) -> str:
        """The name of the inpainter in use, as `unmask_live.inpainters` has it."""
        adaptive = self._adaptive
        return self.settings.inpainter if adaptive is None else adaptive.inpainter

    @property
    def source_label(self) -> str:
        """What was picked, for people."""
        source = self._source
        return str(self._spec) if source is None else source.label

    @property
    def source_description(self) -> str:
        """Size, format and rates of the source, for people; empty until it is open."""
        source = self._source
        return "" if source is None else source.describe()

    def _capture(self) -> Iterator[_Taken]:
        """Capture thread: frames as they come."""
        source = self._open_source()
        source.on_notice, source.on_sound = self._notices.append, self._outputs.sound
        source.mirror = mirrored = self.settings.mirror
        for frame in source.frames():
            self.statistics.stage(CAPTURE, (self._clock() - frame.captured) * 1e3)
            self._meter.add(frame.captured)
            yield _Taken(frame, mirrored)
            source.mirror = mirrored = self.settings.mirror

    def _open_source(self) -> LiveSource:
        source = open_live(self._spec) if isinstance(self._spec, str) else self._spec
        with self._lock:
            self._source = source
            closed = self._closed
        if closed:  # stopped while it was being opened
            source.close()
        return source

    def _close_source(self) -> None:
        with self._lock:
            self._closed = True
            source = self._source
        if source is not None:
            source.close()

    def _see(self, frames: Iterable[_Taken]) -> Iterator[Glimpse]:
        """See thread: it opens the networks; which faces are where, and the masks on them."""
        with self._networks:
            chosen = self.settings.inpainter
            known = partial(levels, load_manifest())
            unmasker = self._networks.open(self._make or partial(self._usual, chosen))
            self._prepare(unmasker, known(chosen))
            self._backends = dict(unmasker.backends)
            adaptive = Adaptive(
                unmasker,
                known,
                inpainter=chosen,
                observer=self.statistics,
                say=self._notices.append,
                clock=self._clock,
            )
            self._adaptive = adaptive
            with closing(adaptive):
                for taken in frames:
                    yield adaptive.see(taken.frame, self.settings, taken.mirrored)

    def _usual(self, inpainter: str) -> Unmasker:
        """Return what unmasks; what its networks have to tell, this run's owner is told."""
        report = Compiling(self._say, lambda: self.state not in _ENDING, self._clock)
        return Unmasker(
            backend=self._backend,
            finder=self._finder,
            inpainter=inpainter,
            # All cores for either half: a frame is done sooner, and a source leaves pauses.
            say=self._say,
            report=report,
        )

    def _prepare(self, unmasker: Unmasker, later: Iterable[Level]) -> None:
        """Open all that quality may step down to, where that may take minutes."""
        if not compiles(unmasker.backends):
            return
        for level in later:
            try:
                unmasker.prepare(level.quality.inpainter)
            except UserError as error:
                self._say(str(error), NoticeKind.WARNING)

    def _say(self, text: str, kind: NoticeKind = NoticeKind.INFO) -> None:
        self._notices.append(Notice(kind, text))

    def _unmask(self, glimpses: Iterable[Glimpse]) -> Iterator[_Done]:
        """Unmask thread: what was seen is filled."""
        with self._networks as networks:
            for glimpse in glimpses:
                adaptive = self._adaptive
                assert adaptive is not None  # `_see` makes it before its first glimpse
                result = adaptive.fill(glimpse)
                self._backends = dict(networks.opened.backends)
                yield _Done(glimpse.frame, result, glimpse.settings)

    def _present(self, results: Channel[_Done]) -> None:
        """Present thread: window, recording and virtual camera, and every word to the owner."""
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
                        self._show(done)
            finally:
                self._pass_notices()

    def _show(self, done: _Done) -> None:
        if self.state is State.STARTING:
            self.statistics.restart()
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
        self.statistics.presented(age, now)
        self._pipeline.shown()
        self._outputs.write(output, done.frame.seconds)
        self.statistics.stage("present", (self._clock() - start) * 1e3)

    def _pass_notices(self) -> None:
        while self._notices:
            self._on_notice(self._notices.popleft())

    def _rate(self) -> float | None:
        """Return the source's frames a second, 1 to 120; None until they are known."""
        rate = self._meter.rate
        return min(usual_rate(rate), 120.0) if rate else None
