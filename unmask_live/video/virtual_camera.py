"""The virtual camera that other programs pick: v4l2loopback, OBS or Unity Capture."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from unmask_live.errors import UserError
from unmask_live.types import Image
from unmask_live.video.fit import fit
from unmask_live.video.loopback import ROOT
from unmask_live.video.remedies import remedy_here
from unmask_live.video.virtual_backends import Opened, Wish, open_camera

_TRIES = 5
"""Times a device that fails is opened again before it is given up."""
_WAIT = 0.25
"""Seconds before the second try; each wait is twice the last, four seconds in the end."""
_CALM = 10.0
"""Seconds without failure after which the tries count from none again."""


class VirtualCamera:
    """A camera device that shows what it is sent. Owned by one thread.

    Parameters
    ----------
    size : (width, height) that the consumers see, pixels; odd sides lose one. A device that is
        held at another size keeps that.
    fps : frames a second to announce, 1 to 240, anything else is taken for 30
    device : which one, e.g. "/dev/video10"; any by default
    backend : "v4l2loopback", "obs" or "unitycapture"; by default the first that works
    clock : seconds, rising
    root : stands in for / where Linux tells of its devices

    Attributes
    ----------
    description : e.g. "v4l2loopback /dev/video10, 1280×720 RGB, 30 frames a second"

    Raises
    ------
    UserError
        if pyvirtualcam is missing or no backend works: each one's reason and the fix
    """

    def __init__(
        self,
        size: tuple[int, int],
        fps: float,
        *,
        device: str | None = None,
        backend: str | None = None,
        clock: Callable[[], float] = time.monotonic,
        root: Path = ROOT,
    ) -> None:
        even = (max(2, size[0] - size[0] % 2), max(2, size[1] - size[1] % 2))
        self._wish = Wish(even, fps if 1 <= fps <= 240 else 30.0, device, backend, root)
        self._clock = clock
        self._failures = 0
        self._failed_at = 0.0
        self._last: Image | None = None
        self._closed = False
        self._opened: Opened | None = open_camera(self._wish)
        self.description = str(self._opened)

    def send(self, image: Image) -> None:
        """Show an H×W×3 uint8 RGB picture; another size is fitted between black bars.

        A device that fails is opened again, a few times within eight seconds; pictures are lost
        meanwhile. The picture must not be written to afterwards: `repeat` may show it again.

        Raises
        ------
        UserError
            if the device does not come back
        ValueError
            if the camera is closed
        """
        if self._closed:
            raise ValueError(f"send to {self.description}: it is closed")
        self._last = image
        self._show(image)

    def repeat(self) -> None:
        """Show the last picture once more, so that consumers do not take the camera for dead.

        Nothing happens before the first. Raises as `send` does.
        """
        if self._last is not None:
            self.send(self._last)

    def close(self) -> None:
        """Let go of the device. Safe to call twice."""
        self._closed = True
        self._last = None
        self._drop()

    def _show(self, image: Image) -> None:
        now = self._clock()
        try:
            opened = self._opened
            if opened is None:
                if now < self._failed_at + _WAIT * 2 ** (self._failures - 1):
                    return
                opened = self._opened = open_camera(self._wish)
                self.description = str(opened)
            opened.camera.send(opened.convert(fit(image, opened.size)))
        except Exception as error:  # each backend fails in its own way
            self._failed(error, now)
        else:
            if now - self._failed_at > _CALM:
                self._failures = 0

    def _failed(self, error: Exception, now: float) -> None:
        self._drop()
        self._failures += 1
        self._failed_at = now
        if self._failures > _TRIES:
            self._closed = True
            if isinstance(error, UserError):
                raise error
            raise UserError(
                f"the virtual camera {self.description} has failed "
                f"({' '.join(str(error).split()) or type(error).__name__}): "
                f"{remedy_here(self._wish.root)}, then switch it on again"
            ) from error

    def _drop(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            with suppress(Exception):  # of a device that is gone already
                opened.camera.close()
