"""What is measured on an inpainted crop. Pictures are H×W×3 float RGB in 0..1, holes H×W bool."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def psnr(output: Array, truth: Array) -> float:
    """Peak signal-to-noise ratio of the whole crop, dB; infinite where nothing differs."""
    error = float(np.mean((output - truth) ** 2))
    return float("inf") if error == 0 else -10 * float(np.log10(error))


def hole_l1(output: Array, truth: Array, hole: NDArray[np.bool_]) -> float:
    """Mean absolute difference inside the hole."""
    return float(np.abs(output - truth)[hole].mean()) if hole.any() else 0.0


def gradient_ratio(output: Array, truth: Array, hole: NDArray[np.bool_]) -> float:
    """Mean gradient magnitude inside the hole over the truth's: 1 is as sharp, 0 a smear."""

    def magnitude(picture: Array) -> float:
        grey = picture.mean(2)
        dx = np.diff(grey, axis=1, append=grey[:, -1:])
        dy = np.diff(grey, axis=0, append=grey[-1:])
        return float(np.hypot(dx, dy)[hole].mean())

    return magnitude(output) / max(magnitude(truth), 1e-9) if hole.any() else 1.0
