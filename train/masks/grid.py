"""A face as a small surface: left rim, middle line, right rim, each a curve from eyes to chin.

A mask is described in the coordinates (s, t) of this surface and so follows head turns and
perspective by itself: s runs from -1 (the outline at the image's left) over 0 (the middle line) to
1, t from 0 (between the eyes) over 1 (the chin's tip) to whatever hangs below.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from train.data.landmarks import Landmarks

Floats = NDArray[np.floating]

MIDDLE = (168, 197, 4, 2, 0, 17, 200, 152)
"""Between the eyes, bridge, tip, under the nose, upper lip, lower lip, chin's hollow, chin."""
MIDDLE_T = (0.0, 0.25, 0.42, 0.5, 0.58, 0.72, 0.88, 1.0)
"""The t of each `MIDDLE` point."""
LEFT = (127, 234, 93, 132, 58, 172, 136, 150, 149, 176)
RIGHT = (356, 454, 323, 361, 288, 397, 365, 379, 378, 400)
RIM_T = (0.0, 0.25, 0.42, 0.5, 0.58, 0.68, 0.76, 0.84, 0.92, 1.0)
"""The t of each `LEFT` and `RIGHT` point."""
_ALL = [*MIDDLE, *LEFT, *RIGHT]
FIRST, LAST, FINE = -0.5, 3.0, 256
"""The curves are tabulated from t = FIRST to LAST with FINE samples per unit."""


def _table(knots: tuple[float, ...]) -> Floats:
    """Return the (samples, knots) matrix that reads a curve at every tabulated t."""
    t = np.arange(FIRST, LAST, 1 / FINE)
    return np.stack([np.interp(t, knots, row) for row in np.eye(len(knots))], 1)


_MIDDLE_TABLE, _RIM_TABLE = _table(MIDDLE_T), _table(RIM_T)
_BEYOND = np.arange(FIRST, LAST, 1 / FINE)
_BEYOND = (np.maximum(_BEYOND - 1, 0) + np.minimum(_BEYOND, 0))[:, None]


class FaceGrid:
    """The face's surface, built from landmarks.

    Attributes
    ----------
    size : mean of the face's width and its height from the eyes to the chin, in pixels
    down : (2,) unit vector from between the eyes to the chin
    across : (2,) unit vector to the image's right, square to `down`
    yaw : -1..1, how far the nose has left the middle; positive when it points to the right

    Raises
    ------
    ValueError
        if a landmark it needs is NaN or infinite, or the face has no extent
    """

    def __init__(self, landmarks: Landmarks) -> None:
        points = landmarks.points
        if points.ndim != 2 or points.shape[0] < 478 or points.shape[1] != 2:
            raise ValueError(f"landmarks of shape {points.shape}, wanted (478, 2)")
        used = points[_ALL].astype(np.float64)
        if not np.isfinite(used).all():
            raise ValueError("landmarks of the nose, chin or oval are missing (NaN)")
        self.middle, self.left, self.right = used[:8], used[8:18], used[18:]
        axis = self.middle[7] - self.middle[0]
        length = float(np.hypot(axis[0], axis[1]))
        ear_to_ear = self.right[1] - self.left[1]
        width = float(np.hypot(ear_to_ear[0], ear_to_ear[1]))
        if length < 4 or width < 4:
            raise ValueError(f"face of {width:.1f} x {length:.1f} pixels: too small for a mask")
        self.size = (length + width) / 2
        self.down = axis / length
        self.across = np.array([self.down[1], -self.down[0]])
        beyond = _BEYOND * axis
        self._middle = _MIDDLE_TABLE @ self.middle + beyond
        self._rims = np.stack([_RIM_TABLE @ self.left, _RIM_TABLE @ self.right]) + beyond
        near = float((self.middle[2] - self.left[2]) @ self.across)
        far = float((self.right[2] - self.middle[2]) @ self.across)
        self.yaw = float(np.clip((near - far) / (abs(near) + abs(far) + 1e-6), -1, 1))

    def at(self, s: Floats | float, t: Floats | float) -> Floats:
        """Return the (N, 2) pixels of the surface's points (s, t); both broadcast.

        Beyond the curves' ends they go straight on along the face's axis.
        """
        s = np.asarray(s, float)
        row = ((np.asarray(t, float) - FIRST) * FINE + 0.5).astype(np.intp)
        row = np.minimum(np.maximum(row, 0), len(_BEYOND) - 1)
        side = np.atleast_1d((s > 0).astype(np.intp))
        middle = self._middle[row]
        out: Floats = middle + np.abs(s).reshape(-1, 1) * (self._rims[side, row] - middle)
        return out

    def curves(self, every: int) -> tuple[Floats, Floats]:
        """Return the middle (N, 2) and both rims (2, N, 2), sampled at every so many rows."""
        return self._middle[::every], self._rims[:, ::every]
