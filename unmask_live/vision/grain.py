"""Fine texture for the fill, about as strong as on the skin above the mask.

A network's fill is smoother than any photograph: skin has pores, sensors have noise, and a patch
without either looks pasted on. Compositors of film match grain for that reason, and so does this:
one fixed pattern in the aligned crop, which moves with the face as skin does and never flickers.
"""

from __future__ import annotations

import cv2
import numpy as np

from unmask_live.types import Floats, Image
from unmask_live.vision.align import CROP

MOST = 3.0
"""Strongest grain, levels of 255: the measure takes freckles and over-sharpening for grain too."""
SHARE = 0.7
"""Part of what is missing that is added: too little looks smooth, too much looks dirty."""
OWN = 1.6
"""What the network's fills have of themselves, levels RMS, measured as on the forehead."""
SETTLE_SECONDS = 0.7
"""Time constant with which the strength follows what is seen, so that it does not pulse."""
_FINE = 1.4
"""What varies within so many pixels (sigma) counts as fine."""
_FOREHEAD = slice(28, 74), slice(84, 172)
"""Rows and columns of the crop that show skin above the brows, whatever the mask."""
_COVERED = 0.2
"""Share of it that a scarf may cover before it tells nothing."""


def missing(crop: Image, hole: Floats) -> float:
    """Return how much grain a fill lacks beside the forehead of this crop, levels RMS.

    Parameters
    ----------
    crop : (256, 256, 3) uint8 RGB
    hole : (256, 256) float32, 0 or 1
    """
    if hole[_FOREHEAD].mean() > _COVERED:
        return 0.0
    grey = cv2.cvtColor(crop[_FOREHEAD], cv2.COLOR_RGB2GRAY).astype(np.float32)
    lacking = max(0.0, fineness(grey) ** 2 - OWN**2)
    return float(min(MOST, SHARE * lacking**0.5))


def fineness(grey: Floats) -> float:
    """Return how strong the fine texture of an H×W float32 picture is, levels RMS.

    Told from the median, so that a lock of hair, a brow or the rim of glasses is no texture.
    """
    fine = cv2.absdiff(grey, cv2.GaussianBlur(grey, (0, 0), _FINE))
    return float(np.median(fine)) / 0.6745  # of a normal distribution


def add(filled: Floats, strength: float) -> Floats:
    """Return the (256, 256, 3) float32 fill with grain of so many levels RMS."""
    if strength <= 0:
        return filled
    return np.asarray(cv2.scaleAdd(_PATTERN, strength, filled), np.float32)


def _pattern() -> Floats:
    """Return (256, 256, 3) noise of unit strength, grey, as fine as what is measured."""
    noise = np.random.default_rng(7).normal(size=(CROP, CROP)).astype(np.float32)
    soft = np.asarray(cv2.GaussianBlur(noise, (0, 0), 0.8), np.float32)
    fine = soft - np.asarray(cv2.GaussianBlur(soft, (0, 0), 2 * _FINE), np.float32)
    return np.repeat((fine / fine.std())[..., None], 3, axis=2)


_PATTERN = _pattern()
