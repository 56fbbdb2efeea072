"""From a frame's array to device pixels: where it lies in the widget, and scaled but once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from PyQt6.QtGui import QImage

from unmask_live.types import Image


@dataclass(frozen=True)
class Place:
    """Where a frame lies in a widget, device pixels; ``scale`` is device per frame pixel."""

    x: int
    y: int
    width: int
    height: int
    scale: float


def fit(frame: tuple[int, int], room: tuple[int, int]) -> Place:
    """Return the largest centred place of a (width, height) ``frame`` in ``room``, its shape kept.

    An empty frame or room gives an empty place.
    """
    if min(*frame, *room) <= 0:
        return Place(room[0] // 2, room[1] // 2, 0, 0, 0.0)
    scale = min(room[0] / frame[0], room[1] / frame[1])
    width = min(room[0], max(1, round(frame[0] * scale)))
    height = min(room[1], max(1, round(frame[1] * scale)))
    return Place((room[0] - width) // 2, (room[1] - height) // 2, width, height, scale)


class Scaled:
    """A frame at the size it is drawn; a repaint of the same frame scales nothing."""

    def __init__(self) -> None:
        self._source: Image | None = None
        self._made: Image | None = None

    def __call__(self, image: Image, width: int, height: int) -> Image:
        """Return ``image`` (H×W×3 uint8 RGB) at ``width`` × ``height``; never the input itself.

        Qt's own smooth scaling takes some ten times as long and would block the window.
        """
        made = self._made
        if self._source is image and made is not None and made.shape[:2] == (height, width):
            return made
        shrinks = width < image.shape[1]
        way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        if shrinks and width * 2 > image.shape[1]:
            way = cv2.INTER_LINEAR  # hardly smaller: no worse than by area, and far quicker
        made = np.ascontiguousarray(cv2.resize(image, (width, height), interpolation=way), np.uint8)
        self._source, self._made = image, made
        return made


def wiped(before: Image, after: Image, column: int) -> Image:
    """Return ``before`` left of ``column`` and ``after`` from it on; both of one shape."""
    if column <= 0:
        return after
    if column >= before.shape[1]:
        return before
    mixed: Image = after.copy()
    mixed[:, :column] = before[:, :column]
    return mixed


def as_qimage(image: Image, ratio: float) -> QImage:
    """Look at a contiguous H×W×3 RGB array as a QImage, without a copy: keep the array alive."""
    height, width = image.shape[:2]
    pixels: Any = image.data  # Qt's stubs name other types from version to version
    made = QImage(pixels, width, height, 3 * width, QImage.Format.Format_RGB888)
    made.setDevicePixelRatio(ratio)
    return made
