"""Fast in-place arithmetic on float pictures; OpenCV beats NumPy where three channels share one."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
Floats = NDArray[np.floating]


def scale(picture: Field, field: Field) -> None:
    """Multiply (h, w, 3) by (h, w), in place."""
    cv2.multiply(picture, cv2.merge((field, field, field)), dst=picture)


def tint(picture: Field, factors: Floats) -> None:
    """Multiply (h, w, 3) by three numbers, in place."""
    cv2.multiply(picture, (*(float(f) for f in factors), 1.0), dst=picture)


def flood(shape: tuple[int, ...], colour: Floats) -> Field:
    """Return (h, w, 3) float32 of one colour."""
    out = np.empty((shape[0], shape[1], 3), np.float32)
    cv2.rectangle(out, (0, 0), (shape[1], shape[0]), [float(c) for c in colour], -1)
    return out


def over(picture: Field, colours: Field, cover: NDArray[np.uint8]) -> None:
    """Lay (h, w, 3) colours over a picture where a (h, w) uint8 coverage says, in place.

    Where the coverage is 0 the picture keeps its value exactly.
    """
    weight = cover.astype(np.float32) * np.float32(1 / 255)
    change = cv2.subtract(colours, picture)
    scale(change, weight)
    cv2.add(picture, change, dst=picture)
