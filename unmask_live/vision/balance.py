"""Ordinary light for the inpainter: a colour cast is taken off before it and put back after.

The network has seen faces in ordinary light. In a pink or green room it would paint the skin that
it knows, yellow beside pink; so where the visible skin is of an unusual hue, the crop is balanced
until it is usual, and the fill gets the cast back. Pale skin would be raised beyond white by that:
it is darkened as much.
"""

from __future__ import annotations

import numpy as np

from unmask_live.types import Floats, Image
from unmask_live.vision.settle import Settled

USUAL = (1.23, 1.37), (0.81, 0.91)
"""Red over green, and blue over green, of the middle half of the validation faces, measured as
here."""
MOST = 1.35
"""Largest factor, so that a green hat is not taken for a green room altogether."""
SETTLE_SECONDS = 0.7
"""Time constant with which the balance follows what is seen, so that the fill does not flicker."""
_SKIN = slice(28, 112, 2), slice(76, 180, 2)
"""Rows and columns of the crop that show skin from the forehead down to the mask; every other."""
_FEWEST = 150
_FRINGE = 0.65
"""Share of the lightest's light below which nothing is skin."""
_BLOWN = 250
_BRIGHT = 98
"""Percentile of what is seen that is not to be cut off."""


class Balance:
    """The balance of one face over time."""

    def __init__(self) -> None:
        self._gains: Settled[Floats] = Settled(SETTLE_SECONDS)

    def __call__(self, crop: Image, hole: Floats, step: float) -> Floats:
        """Return the gains for this frame, as `gains` does.

        Parameters
        ----------
        step : seconds since the last call
        """
        settled = self._gains(lambda: gains(crop, hole), step)
        return np.asarray(settled, np.float32)


def gains(crop: Image, hole: Floats) -> Floats:
    """Return by what red, green and blue are to be multiplied, (3,) float32; ones in usual light.

    Parameters
    ----------
    crop : (256, 256, 3) uint8 RGB
    hole : (256, 256) float32, 0 or 1
    """
    seen = crop[_SKIN][hole[_SKIN] < 0.5]
    if len(seen) < _FEWEST:
        return np.ones(3, np.float32)
    light = seen.sum(1, dtype=np.int32)
    # What is darker is hair, brows and eyes: half of what is seen, under a fringe more.
    least = max(np.median(light), _FRINGE * np.percentile(light, 95))
    skin = seen[(light >= least) & (seen.max(1) < _BLOWN)]
    if len(skin) < _FEWEST // 3:
        return np.ones(3, np.float32)
    red, green, blue = np.median(skin, axis=0) + 1
    wanted = [np.clip(x / green, *usual) for x, usual in zip((red, blue), USUAL, strict=True)]
    found = np.array([wanted[0] * green / red, 1.0, wanted[1] * green / blue])
    found = np.clip(found, 1 / MOST, MOST)
    # Red that is cut off at white comes back as green once the gains are undone: the whole is
    # darkened instead, but no further than it was raised, so that usual light stays as it is.
    bright = float(np.percentile((seen * found).max(1), _BRIGHT))
    return np.asarray(found * max(min(1.0, _BLOWN / bright), 1 / max(1.0, found.max())), np.float32)
