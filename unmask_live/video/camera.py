"""A camera: asked for what we want, measured by what it sends, waited for when it is unplugged."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from typing import Any, Protocol

import cv2
import numpy as np

from unmask_live.errors import UserError
from unmask_live.types import Image
from unmask_live.video.devices import CameraDevice, find_again, is_there, why_refused
from unmask_live.video.returning import SILENT, Arrival, ReturningFeed

SIZE = (1280, 720)
SMALL = (640, 480)
"""What any camera can send raw; taken where the usual size is neither asked nor sent as MJPG."""
RATE = 30.0
RAW_LIMIT = 3 * 1024 * 8000
"""Bytes a second that USB 2 carries for a camera: 3 packets of 1024 in each of 8000 microframes."""
_POLL = 0.02
_MJPG = cv2.VideoWriter.fourcc(*"MJPG")
_SETTINGS = {
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "1",  # seconds that a silent camera holds us up; was 10
    "OPENCV_AVFOUNDATION_SKIP_AUTH": "1",  # or it asks, and fails, outside the main thread
    "OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS": "0",  # or it takes half a minute to open
}


class Capture(Protocol):
    """What is used of `cv2.VideoCapture`."""

    def isOpened(self) -> bool: ...  # noqa: D102, N802
    def set(self, propId: int, value: float) -> bool: ...  # noqa: D102
    def get(self, propId: int) -> float: ...  # noqa: D102
    def grab(self) -> bool: ...  # noqa: D102
    def retrieve(self) -> tuple[bool, Any]: ...  # noqa: D102
    def release(self) -> None: ...  # noqa: D102


def open_capture(device: CameraDevice) -> Capture:
    """Open a camera with the backend that listed it; ask `isOpened` whether that worked."""
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    log = cv2.utils.logging  # what a camera refuses is said by us, once
    log.setLogLevel(log.LOG_LEVEL_ERROR)
    backend = getattr(cv2, f"CAP_{device.backend}", cv2.CAP_ANY)
    return cv2.VideoCapture(device.index, backend)


class Camera(ReturningFeed):
    """Pictures of a camera; opened and used in the thread that iterates.

    Closing it takes effect within half a second; up to a second while the camera is plugged in and
    silent, since the system's own wait cannot be cut short, and as long as an opening takes.

    Parameters
    ----------
    size, fps : asked of the camera, 1280×720 and 30 unless given; what it sends is taken
    opener, again, present, refusal : how it is opened, found again, known to be there, and how a
        refusal is explained; tests pass their own

    Raises
    ------
    UserError
        while iterating, if it cannot be opened at first
    """

    _cure = "plug it in again"

    def __init__(
        self,
        device: CameraDevice,
        *,
        size: tuple[int, int] | None = None,
        fps: float | None = None,
        mirror: bool = False,
        opener: Callable[[CameraDevice], Capture] = open_capture,
        again: Callable[[CameraDevice], CameraDevice | None] = find_again,
        present: Callable[[CameraDevice], bool] = is_there,
        refusal: Callable[[CameraDevice], str] = why_refused,
        **timing: Any,
    ) -> None:
        super().__init__(device.label, mirror=mirror, **timing)
        self._device = device
        self._size, self._asked_size = size or SIZE, size is not None
        self._fps = fps or RATE
        self._opener, self._again = opener, again
        self._present, self._refusal = present, refusal
        self._got = ""

    def describe(self) -> str:
        """Say what it sends: size, format, and the rate as measured."""
        if not self._got:
            return f"{self._size[0]}×{self._size[1]} asked, nothing came yet"
        rate = self._meter.rate
        measured = f"measured {rate:.1f}" if rate else "not yet measured"
        return f"{self._got}, asked {self._fps:g}, {measured} frames a second"

    def _visit(self) -> Generator[Arrival, None, None]:
        capture = self._opener(self._device)
        try:
            if not capture.isOpened():
                raise UserError(self._refusal(self._device))
            self._opened = True
            self._ask(capture)
            yield from self._pictures(capture)
        finally:
            capture.release()

    def _look_again(self) -> None:
        self._device = self._again(self._device) or self._device

    def _pictures(self, capture: Capture) -> Iterator[Arrival]:
        """Yield pictures until the camera is silent, gone or closed."""
        heard = self._clock()
        while not self.closed():
            image, now = self._take(capture)
            if image is not None:
                self._note(capture, image)
                yield Arrival(image, now, now)
                heard = self._clock()  # not `now`: whoever takes the pictures may have been slow
            elif now - heard >= SILENT or not self._present(self._device) or self._wait(_POLL):
                return

    def _take(self, capture: Capture) -> tuple[Image | None, float]:
        """Return the next picture, or None, and when it was handed over."""
        try:
            grabbed = capture.grab()
            now = self._clock()
            ok, bgr = capture.retrieve() if grabbed else (False, None)
        except cv2.error:  # a driver whose device has gone
            return None, self._clock()
        if not ok or bgr is None or not bgr.size:
            return None, now
        code = cv2.COLOR_GRAY2RGB if bgr.ndim == 2 else cv2.COLOR_BGR2RGB
        return np.asarray(cv2.cvtColor(bgr, code), np.uint8), now

    def _ask(self, capture: Capture) -> None:
        self._set(capture, self._size)
        mode = _mode(capture)
        if not self._asked_size and not self._fits(self._size) and mode not in ("", "MJPG"):
            self._set(capture, SMALL)

    def _set(self, capture: Capture, size: tuple[int, int]) -> None:
        if not self._fits(size):
            capture.set(cv2.CAP_PROP_FOURCC, _MJPG)  # first: sizes depend on it
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
        capture.set(cv2.CAP_PROP_FPS, self._fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 2)  # one fills while one is read: none grows old

    def _fits(self, size: tuple[int, int]) -> bool:
        """Tell whether raw pictures (2 bytes a pixel) pass through USB 2."""
        return size[0] * size[1] * 2 * self._fps <= RAW_LIMIT

    def _note(self, capture: Capture, image: Image) -> None:
        size = f"{image.shape[1]}×{image.shape[0]}"
        if not self._got.startswith(size):  # asked of the camera once, not with every picture
            self._got = f"{size} {_mode(capture)}".rstrip()


def _mode(capture: Capture) -> str:
    """Return how pictures are sent, four letters; "" where the backend does not tell."""
    code = int(capture.get(cv2.CAP_PROP_FOURCC))
    letters = "".join(chr(code >> shift & 255) for shift in (0, 8, 16, 24)) if code > 0 else ""
    return letters.strip() if letters.isprintable() else ""
