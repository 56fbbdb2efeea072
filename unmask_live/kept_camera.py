"""The virtual camera between two live runs: a call that shows it must not lose it."""

from __future__ import annotations

import threading

import numpy as np

from unmask_live.pipeline import background
from unmask_live.video.virtual_camera import VirtualCamera

EVERY = 0.05
"""Seconds between two pictures while nothing runs."""
_BLACK = np.zeros((2, 2, 3), np.uint8)


class KeptCamera:
    """Keeps a virtual camera open from the end of one run to the first picture of the next.

    Meanwhile it is sent the last picture again, or black after `blank`. A device that fails there
    is let go: the next run opens it, or says why it cannot. Any thread may call any method; none
    but `take` waits for the device, one picture at most.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()  # held while the device is used
        self._told = threading.Event()
        self._held: VirtualCamera | None = None
        self._wanted = self._blank = False

    @property
    def held(self) -> bool:
        """Whether a camera is open here."""
        return self._held is not None

    def want(self, on: bool) -> None:
        """Say whether a camera is to be kept; one that is held is closed soon after a False."""
        self._wanted = on
        self._told.set()

    def blank(self) -> None:
        """Show black instead of the last picture: whoever has stopped is not to be seen."""
        self._blank = True
        self._told.set()

    def hold(self, camera: VirtualCamera) -> None:
        """Take a camera from a run that ends; closed at once if none is wanted."""
        with self._lock:
            self._held, self._blank = camera, False
        background(lambda: self._show(camera), _ignore, _ignore, name="kept-camera")

    def take(self) -> VirtualCamera | None:
        """Hand the camera to a run, which owns it from then on; None if there is none."""
        with self._lock:
            camera, self._held = self._held, None
        self._told.set()
        return camera

    def _show(self, camera: VirtualCamera) -> None:
        """Send pictures until the camera is taken, not wanted any more, or fails."""
        while self._once(camera):
            self._told.wait(EVERY)
            self._told.clear()

    def _once(self, camera: VirtualCamera) -> bool:
        """Send one picture; tell whether the camera is still here."""
        with self._lock:
            if self._held is not camera:
                return False
            if self._wanted and self._send(camera):
                return True
            self._held = None
            camera.close()
        return False

    def _send(self, camera: VirtualCamera) -> bool:
        blank, self._blank = self._blank, False
        try:
            if blank:
                camera.send(_BLACK)  # a later `repeat` shows this
            else:
                camera.repeat()
        except Exception:  # devices fail in many ways
            return False
        return True


def _ignore(_: object) -> None:
    """Hear that the camera is in other hands, or closed."""
