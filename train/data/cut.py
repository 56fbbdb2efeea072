"""How a face is cut out of its photograph: by the eyes as the program does, or as the papers do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unmask_live.errors import UserError
from unmask_live.vision import align

EYES = "eyes"
MIDDLE = "middle"
"""The largest square in the middle of the picture. The papers say only that CelebA's aligned
pictures, 178×218, were cropped to 256², so it must have been enlarged too."""
CUTS = (EYES, MIDDLE)
SIDES = range(64, 1025, 64)
"""Pixels; networks halve them up to six times."""


def check(cut: str, side: int) -> None:
    """See that there is such a cut of such a size.

    Raises
    ------
    UserError
        where there is none
    """
    if cut not in CUTS:
        raise UserError(f"cut is {cut!r}, wanted {' or '.join(map(repr, CUTS))}")
    if side not in SIDES:
        raise UserError(
            f"side is {side}, wanted a multiple of {SIDES.step} from {SIDES[0]} to {SIDES[-1]}"
        )


def transform(
    cut: str, side: int, five: NDArray[np.float32], size: NDArray[np.integer]
) -> NDArray[np.float32]:
    """Return the (2, 3) float32 similarity that takes picture pixels to crop pixels.

    Parameters
    ----------
    cut : one of `CUTS`
    side : of the crop, pixels
    five : (5, 2) keypoints in picture pixels, as `align.similarity` takes them
    size : height and width of the picture
    """
    if cut == EYES:
        return (align.similarity(five) * (side / align.CROP)).astype(np.float32)
    height, width = (int(n) for n in size)
    scale = side / min(height, width)
    # Half a pixel less at each end: centres go to centres, so that nothing is shifted.
    shift = [(side - n * scale) / 2 + (scale - 1) / 2 for n in (width, height)]
    return np.array([[scale, 0, shift[0]], [0, scale, shift[1]]], np.float32)
