"""One live run: a source, the Unmasker, and what the result goes to."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from unmask_live.capturing import Capturing, Taken
from unmask_live.channel import Channel
from unmask_live.compiling import Compiling
from unmask_live.heap import keep_little
from unmask_live.kept_camera import KeptCamera
from unmask_live.outputs import Outputs
from unmask_live.pipeline import Pipeline, State
from unmask_live.presenting import Presenting, Shown
from unmask_live.settings import Settings
from unmask_live.statistics import Statistics
from unmask_live.unmasker import Unmasker
from unmask_live.unmasking import Done, Unmasking
from unmask_live.video.capture import LiveSource, Notice, NoticeKind

__all__ = ["Live", "Settings", "Shown", "State"]

_ENDING = frozenset({State.STOPPING, State.STOPPED, State.FAILED})


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
        self._backend, self._finder, self._clock = backend, finder, clock
        self._outputs = Outputs(on_notice, lambda: self._capturing.rate, kept=kept, clock=clock)
        self._presenting = Presenting(
            self._outputs,
            self.statistics,
            on_shown=on_shown,
            on_notice=on_notice,
            rate=lambda: self._capturing.rate,
            clock=clock,
        )
        say = self._presenting.say
        self._capturing = Capturing(source, self.statistics, say, clock)
        self._unmasking = Unmasking(
            self._usual if unmasker is None else lambda _: unmasker(),
            lambda: self.settings,
            self.statistics,
            say,
            clock,
        )
        self._pipeline: Pipeline[Taken, Done] = Pipeline(
            lambda: self._capturing.frames(lambda: self.settings, self._outputs.sound),
            self._unmasking.fill,
            self._present,
            see=self._unmasking.see,
            close=self._capturing.close,
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
        keep_little()
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
        return self._unmasking.backends

    @property
    def level(self) -> str:
        """The name of the quality level in use."""
        return self._unmasking.level

    @property
    def inpainter(self) -> str:
        """The name of the inpainter in use, as `unmask_live.inpainters` has it."""
        return self._unmasking.inpainter

    @property
    def source_label(self) -> str:
        """What was picked, for people."""
        return self._capturing.label

    @property
    def source_description(self) -> str:
        """Size, format and rates of the source, for people; empty until it is open."""
        return self._capturing.description

    def _present(self, results: Channel[Done]) -> None:
        self._presenting.run(results, self._pipeline.shown)

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

    def _say(self, text: str) -> None:
        self._presenting.say(Notice(NoticeKind.INFO, text))
