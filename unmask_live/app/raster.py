"""From a frame's array to device pixels: where it lies in the widget, and made but once."""

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


class Composed:
    """Before and after as one picture of the size it is drawn at; a repaint makes nothing anew."""

    def __init__(self) -> None:
        self._of: tuple[Image, Image] | None = None
        self._how: tuple[int, int, int] | None = None
        self._made: Image | None = None

    def __call__(self, before: Image, after: Image, column: int, width: int, height: int) -> Image:
        """Return H×W×3 uint8 RGB of ``width`` × ``height``, contiguous.

        Parameters
        ----------
        before, after : H×W×3 uint8 RGB of one shape, not empty
        column : where `wiped` changes from one to the other, pixels of theirs
        """
        how = column, width, height
        same = self._of is not None and self._of[0] is before and self._of[1] is after
        if self._made is None or not same or self._how != how:
            # Wiped first: to scale both would take twice as long, and the line hides the seam.
            self._made = scaled(wiped(before, after, column), width, height)
            self._of, self._how = (before, after), how
        return self._made


def scaled(image: Image, width: int, height: int) -> Image:
    """Return an H×W×3 uint8 RGB at ``width`` × ``height``, contiguous.

    Qt's own smooth scaling takes some ten times as long and would block the window.
    """
    if image.shape[:2] == (height, width):
        return np.ascontiguousarray(image)
    # By area where it shrinks to less than half: linear would leave pixels out.
    way = cv2.INTER_AREA if 2 * width <= image.shape[1] else cv2.INTER_LINEAR
    return np.ascontiguousarray(cv2.resize(image, (width, height), interpolation=way), np.uint8)


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
