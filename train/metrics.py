"""What is measured on an inpainted crop. Pictures are H×W×3 float RGB in 0..1, holes H×W bool."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

Array = NDArray[np.floating]


def psnr(output: Array, truth: Array) -> float:
    """Peak signal-to-noise ratio of the whole crop, dB; infinite where nothing differs."""
    error = float(np.mean((output - truth) ** 2))
    return float("inf") if error == 0 else -10 * float(np.log10(error))


def hole_psnr(output: Array, truth: Array, hole: NDArray[np.bool_]) -> float:
    """Peak signal-to-noise ratio inside the hole, dB; infinite where nothing differs there."""
    return psnr(output[hole], truth[hole]) if hole.any() else float("inf")


def ssim(output: Array, truth: Array, hole: NDArray[np.bool_]) -> tuple[float, float]:
    """Structural similarity (Wang et al. 2004, 7×7 windows): of the whole crop, and in the hole.

    The second is the mean of the map over the hole's pixels. A window at the rim also sees
    untouched pixels, so it flatters a little, but far less than the whole crop does.
    """
    mean, every = structural_similarity(output, truth, channel_axis=2, data_range=1.0, full=True)
    return float(mean), float(every[hole].mean()) if hole.any() else 1.0


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
