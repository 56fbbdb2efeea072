"""Smooth lines through a few points (Catmull-Rom), as polygons that OpenCV can fill."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
SUB = 4
"""Fractional bits of polygon corners handed to OpenCV."""


@lru_cache(maxsize=256)
def _basis(count: int, steps: int, closed: bool) -> Floats:
    """Return the matrix that takes `count` control points to the sampled spline."""
    segments = count if closed else count - 1
    u = np.arange(steps) / steps
    weights = 0.5 * np.stack(
        [
            -u + 2 * u**2 - u**3,
            2 - 5 * u**2 + 3 * u**3,
            u + 4 * u**2 - 3 * u**3,
            -(u**2) + u**3,
        ],
        1,
    )
    out = np.zeros((segments * steps + (0 if closed else 1), count))
    for k in range(segments):
        for j in range(4):
            index = k - 1 + j
            index = index % count if closed else min(max(index, 0), count - 1)
            out[k * steps : (k + 1) * steps, index] += weights[:, j]
    if not closed:
        out[-1, -1] = 1
    return out


def smooth(points: Floats, *, closed: bool = False, steps: int = 6) -> Floats:
    """Return the (M, 2) spline through (N, 2) points."""
    out: Floats = _basis(len(points), steps, closed) @ points
    return out


def hull(points: Floats) -> Floats:
    """Return the convex hull of (N, 2) points as a polygon."""
    out: Floats = cv2.convexHull(points.astype(np.float32))[:, 0].astype(np.float64)
    return out


def ribbon(line: Floats, width: float | Floats) -> Floats:
    """Return the polygon of a (N, 2) line drawn `width` pixels wide; width may vary along it."""
    along = np.gradient(line, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)[:, None]
    half = np.asarray(width, float) / 2
    side = np.stack([-along[:, 1], along[:, 0]], 1) * (half[:, None] if half.ndim else half)
    return np.concatenate([line + side, (line - side)[::-1]])


def fill(canvas: NDArray[np.uint8], polygon: Floats, value: int = 255) -> None:
    """Fill a polygon into a uint8 canvas, antialiased."""
    limit = 4.0 * max(canvas.shape[:2])
    near = np.minimum(np.maximum(polygon, -limit), limit)
    corners = np.rint(near * (1 << SUB)).astype(np.int32)
    cv2.fillPoly(canvas, [corners], value, cv2.LINE_AA, SUB)
