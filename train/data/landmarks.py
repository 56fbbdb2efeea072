"""Names for the MediaPipe Face Mesh points that the labels carry.

The label files keep a subset of the 478 points; ``mesh_index`` says which. Everything here takes
(K, 2) landmarks with that index and speaks in Face Mesh numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Face oval, clockwise in the picture from the top of the forehead (image right side first).
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
NOSE_BRIDGE = (168, 6, 197, 195, 5, 4)
NOSE_TIP = 1
CHIN = 152
LEFT_EYE = (33, 133)
"""Outer and inner corner of the eye at the image's left."""
RIGHT_EYE = (263, 362)
MOUTH = (61, 291)
"""Mouth corners, image left then right."""


@dataclass(frozen=True)
class Landmarks:
    """Face Mesh points of one face, looked up by their Face Mesh number.

    Attributes
    ----------
    points : (478, 2) float32, (x, y) pixels; NaN where the labels lack a point
    """

    points: NDArray[np.float32]

    @classmethod
    def from_subset(
        cls, points: NDArray[np.floating], mesh_index: NDArray[np.integer]
    ) -> Landmarks:
        """Spread (K, 2) labelled points over their Face Mesh numbers."""
        full = np.full((478, 2), np.nan, np.float32)
        full[mesh_index] = points
        return cls(full)

    def __getitem__(self, index: int | tuple[int, ...] | list[int]) -> NDArray[np.float32]:
        """Return (2,) for one number, (N, 2) for several; Face Mesh numbering."""
        found: NDArray[np.float32] = self.points[list(index) if isinstance(index, tuple) else index]
        return found

    def moved(self, transform: NDArray[np.floating]) -> Landmarks:
        """Return the landmarks after a (2, 3) affine transform."""
        out = self.points @ transform[:, :2].T + transform[:, 2]
        return Landmarks(out.astype(np.float32))

    def five(self) -> NDArray[np.float32]:
        """Return the (5, 2) keypoints in `unmask_live.types.Detection` order."""
        p = self.points
        eyes = [p[list(LEFT_EYE)].mean(0), p[list(RIGHT_EYE)].mean(0)]
        return np.stack([*eyes, p[NOSE_TIP], p[MOUTH[0]], p[MOUTH[1]]]).astype(np.float32)

    def turn(self) -> float:
        """Return how far the head is turned aside: 0 face on, about 0.3 at half profile.

        How far the nose's tip lies from the middle of the eyes along their line, in their distance;
        above 0 to the picture's right.
        """
        left, right, nose = self.five()[:3]
        across = right - left
        length = float(np.hypot(*across))
        if length == 0:
            return 0.0
        return float((nose - (left + right) / 2) @ across) / length**2
