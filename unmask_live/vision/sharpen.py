"""Contours for the fill, about as sharp as those of the eyes above the mask.

A network that has to guess paints the mean of what might be there: lips and nostrils come out soft
beside eyes that are not. Its own contours are raised here by unsharp masking, the more the sharper
the picture is; what a soft camera shows is left soft.
"""

from __future__ import annotations

import cv2
import numpy as np

from unmask_live.types import Floats, Image

SLOPE = 0.16
"""Amount for each level of contour about the eyes. Measured against true faces, the contours that
fills lack grow so with those about the eyes; about half of that is given back."""
MOST = 1.0
LEVELS = 10.0
"""A contour that is stronger is raised as if it were this strong: jaws get less of a halo."""
SETTLE_SECONDS = 0.7
"""Time constant with which the amount follows what is seen, so that it does not pulse."""
_SIGMA, _KERNEL = 1.5, (9, 9)
"""What varies within so many pixels of the crop counts as contour."""
_EYES = slice(70, 116), slice(64, 192)
"""Rows and columns of the crop that show brows, eyes and the root of the nose."""
_COVERED = 0.6
"""Share of it that may be covered before it tells nothing."""
_RIM = 13
"""Pixels of the crop across the hole's border within which nothing is raised, or less."""


def lacking(crop: Image, hole: Floats) -> float:
    """Return how much a fill's contours are to be raised beside the eyes of this crop.

    Parameters
    ----------
    crop : (256, 256, 3) uint8 RGB
    hole : (256, 256) float32, 0 or 1

    Returns
    -------
    The amount for `sharpen`, 0..`MOST`
    """
    covered = hole[_EYES]
    if covered.mean() > _COVERED:
        return 0.0
    grey = cv2.cvtColor(crop[_EYES], cv2.COLOR_RGB2GRAY).astype(np.float32)
    contour = cv2.absdiff(grey, cv2.GaussianBlur(grey, (0, 0), _SIGMA))
    # The mask's own edge is no contour of the face.
    free = 1 - cv2.dilate(covered, np.ones((7, 7), np.uint8))
    if free.sum() < (1 - _COVERED) * 0.5 * free.size:
        return 0.0
    return float(min(MOST, SLOPE * np.average(contour, weights=free)))


def sharpen(filled: Floats, crop: Image, hole: Floats, amount: float) -> Floats:
    """Return the fill with its contours raised.

    Parameters
    ----------
    filled : (256, 256, 3) float32 RGB in 0..255
    crop : (256, 256, 3) uint8 RGB, what lies around the hole
    hole : (256, 256) float32, 0 or 1
    amount : 0 leaves it as it is

    Returns
    -------
    (256, 256, 3) float32 RGB; outside the hole equal to ``filled``
    """
    box = _around(hole)
    if amount <= 0 or box is None:
        return filled
    inside = hole[box]
    mine, whole = filled[box], cv2.cvtColor(crop[box], cv2.COLOR_RGB2GRAY).astype(np.float32)
    cv2.copyTo(cv2.cvtColor(mine, cv2.COLOR_RGB2GRAY), inside.astype(np.uint8), whole)
    contour = whole - cv2.GaussianBlur(whole, _KERNEL, _SIGMA)
    np.clip(contour, -LEVELS, LEVELS, out=contour)
    # At the border a little of the seam would be raised too.
    far = 2 * cv2.blur(inside, (_RIM, _RIM), borderType=cv2.BORDER_CONSTANT) - 1
    contour *= np.maximum(far, 0) * inside * amount
    out: Floats = filled.copy()
    cv2.add(mine, cv2.merge([contour] * 3), dst=out[box])
    return out


def _around(hole: Floats) -> tuple[slice, slice] | None:
    """Return the rows and columns of the hole, with what blurring needs; None where it is empty."""
    x, y, width, height = cv2.boundingRect((hole > 0).astype(np.uint8))
    if not width:
        return None
    reach = _KERNEL[0] // 2 + 1
    return (
        slice(max(0, y - reach), y + height + reach),
        slice(max(0, x - reach), x + width + reach),
    )
