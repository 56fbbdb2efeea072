"""Cameras that do as they are told, in place of `cv2.VideoCapture`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import cv2
import numpy as np
from clips import picture
from timing import FakeTime

from unmask_live.video.devices import CameraDevice

WEBCAM = CameraDevice(0, "HD Webcam", "V4L2", "")
MJPG = cv2.VideoWriter.fourcc(*"MJPG")
YUYV = cv2.VideoWriter.fourcc(*"YUYV")


class FakeCapture:
    """Plays a script, one entry a grab: seconds until a picture, or None for a grab that fails.

    After the script every grab fails.
    """

    def __init__(self, time: FakeTime, script: Iterable[float | None] | None, mjpg: bool) -> None:
        self._time, self._mjpg = time, mjpg
        self._script: Iterator[float | None] = iter(script or ())
        self._opened = script is not None
        self.asked: list[tuple[int, float]] = []
        self.size = (96, 64)
        self.grey = False
        self.released = 0
        self._count = -1

    def isOpened(self) -> bool:  # noqa: N802
        return self._opened

    def set(self, propId: int, value: float) -> bool:
        self.asked.append((propId, value))
        return True

    def get(self, propId: int) -> float:
        wants = (cv2.CAP_PROP_FOURCC, MJPG) in self.asked
        return float(MJPG if self._mjpg and wants else YUYV)

    def grab(self) -> bool:
        gap = next(self._script, None)
        if gap is None:
            return False
        self._time.now += gap
        self._count += 1
        return True

    def retrieve(self) -> tuple[bool, np.ndarray | None]:
        image = picture(self._count, *self.size)
        code = cv2.COLOR_RGB2GRAY if self.grey else cv2.COLOR_RGB2BGR
        return True, cv2.cvtColor(image, code)

    def release(self) -> None:
        self.released += 1


class Cameras:
    """What is plugged in over time: the n-th opening gets the n-th script; None does not open."""

    def __init__(self, time: FakeTime, *scripts: Iterable[float | None] | None) -> None:
        self._time, self._scripts = time, list(scripts)
        self.opened: list[FakeCapture] = []
        self.devices: list[CameraDevice] = []
        self.mjpg = True

    def open(self, device: CameraDevice) -> FakeCapture:
        self.devices.append(device)
        script = self._scripts.pop(0) if self._scripts else None
        self.opened.append(FakeCapture(self._time, script, self.mjpg))
        return self.opened[-1]
