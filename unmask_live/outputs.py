"""Where a live run's pictures go besides the window: a recording, and the virtual camera.

They are asked for from any thread and driven by the present thread, between two frames. What fails
here is told and given up; the run goes on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import av

from unmask_live.errors import UserError
from unmask_live.kept_camera import KeptCamera
from unmask_live.types import Image
from unmask_live.video.capture import Notice, NoticeKind
from unmask_live.video.recorder import Recorder
from unmask_live.video.virtual_camera import VirtualCamera

RATE = 30.0
"""Frames a second taken for the source's where its own are not known."""
PATIENCE = 2.0
"""Seconds that a virtual camera waits for the source's rate: it announces one, once."""


@dataclass(frozen=True)
class _Recording:
    path: Path
    force: bool


@dataclass(frozen=True)
class _Camera:
    device: str | None


class Outputs:
    """A recording and a virtual camera, each there or not.

    Parameters
    ----------
    say : told what was opened, finished, or failed; in the present thread
    rate : asked for the source's frames a second when one is opened; None while it is not known
    kept : where a virtual camera comes from that is open already, and goes to at the end
    clock : seconds, rising
    """

    def __init__(
        self,
        say: Callable[[Notice], None],
        rate: Callable[[], float | None],
        *,
        kept: KeptCamera | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._say, self._rate, self._kept, self._clock = say, rate, kept, clock
        self._lock = threading.Lock()
        # Only the last wish of each kind counts, so there is no queue that could grow.
        self._wishes: dict[type[_Recording] | type[_Camera], _Recording | _Camera | None] = {}
        self._recorder: Recorder | None = None
        self._camera: VirtualCamera | None = None
        self._heard = self._opening = False
        self._waiting: float | None = None

    @property
    def recording(self) -> Path | None:
        """The file that is being written."""
        recorder = self._recorder
        return None if recorder is None else recorder.path

    @property
    def camera_description(self) -> str | None:
        """What the virtual camera is; None while it is off."""
        camera = self._camera
        return None if camera is None else camera.description

    @property
    def camera_awaited(self) -> bool:
        """Whether the virtual camera is asked for and was not opened or refused yet."""
        return self._wishes.get(_Camera) is not None

    @property
    def wanted(self) -> bool:
        """Whether pictures go anywhere, or are to."""
        there = self._recorder is not None or self._camera is not None
        return there or self._opening or bool(self._wishes)

    def record(self, path: Path | None, force: bool) -> None:
        """Record into ``path`` from the next picture on, or stop; from any thread."""
        with self._lock:
            self._wishes[_Recording] = None if path is None else _Recording(path, force)

    def virtual_camera(self, on: bool, device: str | None) -> None:
        """Send to the virtual camera from the next picture on, or stop; from any thread."""
        with self._lock:
            self._wishes[_Camera] = _Camera(device) if on else None

    def sound(self, frame: av.AudioFrame, seconds: float) -> None:
        """Pass the source's sound on to the recording; in the capture thread."""
        self._heard = True
        recorder = self._recorder
        if recorder is not None:
            recorder.sound(frame, seconds)

    def send(self, image: Image) -> None:
        """Show a picture on the virtual camera; what was asked for is opened first."""
        self._grant(image)
        camera = self._camera
        if camera is not None:
            self._guarded(lambda: camera.send(image), self._drop_camera)

    def write(self, image: Image, seconds: float) -> None:
        """Add a picture to the recording."""
        recorder = self._recorder
        if recorder is not None:
            self._guarded(lambda: recorder.write(image, seconds), self._forget_recorder)

    def idle(self) -> None:
        """Do what can be done while no new picture comes: end what was to end, repeat the last."""
        self._grant(None)
        camera = self._camera
        if camera is not None:
            self._guarded(camera.repeat, self._drop_camera)

    def close(self) -> None:
        """Finish both; a camera that is still wanted goes back to where it is kept."""
        try:
            self._drop_recorder()
        finally:  # even if whoever is told of the recording fails
            with self._lock:
                unwanted = self._wishes.get(_Camera, self._camera) is None
            camera = self._camera
            if camera is None or self._kept is None or unwanted:
                self._drop_camera()
            else:
                self._camera = None
                self._kept.hold(camera)

    def _grant(self, image: Image | None) -> None:
        """Fulfil the last wishes; without a picture only those that end something."""
        with self._lock:
            ready = [kind for kind, wish in self._wishes.items() if self._is_ready(wish, image)]
            self._opening = bool(ready)  # or there would seem to be no output meanwhile
            wishes = {kind: self._wishes.pop(kind) for kind in ready}
        for kind, wish in wishes.items():
            if kind is _Recording:
                self._drop_recorder()
            else:
                self._drop_camera()
            if image is not None and isinstance(wish, _Recording):
                self._open_recorder(wish, image)
            elif image is not None and isinstance(wish, _Camera):
                self._open_camera(wish, image)
        self._opening = False

    def _is_ready(self, wish: _Recording | _Camera | None, image: Image | None) -> bool:
        if wish is None or image is None:
            return wish is None
        if isinstance(wish, _Recording) or self._rate() is not None:
            return True
        if self._kept is not None and self._kept.held:
            return True
        now = self._clock()
        if self._waiting is None:
            self._waiting = now
        return now - self._waiting >= PATIENCE

    def _open_recorder(self, wish: _Recording, image: Image) -> None:
        def open_it() -> None:
            self._recorder = Recorder(
                wish.path,
                _size(image),
                rate=self._rate() or RATE,
                sound=self._heard,
                force=wish.force,
            )

        self._guarded(open_it)

    def _open_camera(self, wish: _Camera, image: Image) -> None:
        def open_it() -> None:
            self._waiting = None
            self._camera = self._kept.take() if self._kept is not None else None
            if self._camera is not None:
                return
            self._camera = VirtualCamera(_size(image), self._rate() or RATE, device=wish.device)
            self._tell(NoticeKind.INFO, f"the virtual camera is on: {self._camera.description}")

        self._guarded(open_it)

    def _drop_recorder(self) -> None:
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return

        def close() -> None:
            path = recorder.close()
            done = f"recorded {recorder.seconds:.1f} seconds into {path}"
            if recorder.frames:
                self._say(Notice(NoticeKind.INFO, done, path))
            else:
                self._tell(NoticeKind.INFO, "nothing was recorded")

        self._guarded(close)

    def _forget_recorder(self) -> None:
        """Let go of a recording that has failed; its error has said what is kept."""
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            with suppress(Exception):
                recorder.close()

    def _drop_camera(self) -> None:
        camera, self._camera = self._camera, None
        if camera is not None:
            self._guarded(camera.close)

    def _guarded(self, action: Callable[[], None], drop: Callable[[], None] | None = None) -> None:
        """Do something that may fail without ending the run; then tell it and give up."""
        try:
            action()
        except Exception as error:  # devices, disks and codecs fail in many ways
            said = (
                str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
            )
            self._tell(NoticeKind.WARNING, said)
            if drop is not None:
                drop()

    def _tell(self, kind: NoticeKind, text: str) -> None:
        self._say(Notice(kind, text))


def _size(image: Image) -> tuple[int, int]:
    return image.shape[1], image.shape[0]
