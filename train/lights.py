"""Lights that are not ordinary, to see what becomes of a fill in them.

The program balances a crop before the network sees it (`unmask_live.vision.balance`); ordinary test
faces hardly ask for it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]


def tinted(*gains: float) -> Callable[[Image], Image]:
    """Return what dims red, green and blue by so much each: a coloured lamp."""

    def light(image: Image) -> Image:
        return np.asarray(image * np.array(gains) + 0.5, np.uint8)

    return light


def pale(image: Image) -> Image:
    """Raise skin towards white, where it loses its hue, as a flash or a beauty filter does."""
    lacking = (1 - image / 255.0) ** 1.8 * np.array([1, 0.93, 0.93])
    return np.asarray((1 - lacking) * 255 + 0.5, np.uint8)


LIGHTS: dict[str, Callable[[Image], Image]] = {
    "in pink light": tinted(1, 0.7, 0.85),
    "in green light": tinted(0.75, 1, 0.8),
    "in blue light": tinted(0.75, 0.85, 1),
    "pale": pale,
}
"""By name, from one (H, W, 3) uint8 RGB picture to another."""
EVERY = 4
"""So many test faces to one that is measured in them."""
