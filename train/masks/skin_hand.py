"""Colour for the hand before the mask: the wearer's skin, rounded fingers, dark gaps."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from train.masks import mix
from train.masks.grid import FaceGrid
from train.masks.layout import coverage
from train.masks.light import Light
from train.masks.noise import Rng

Field = NDArray[np.float32]
Floats = NDArray[np.floating]


def render(hand: list[Floats], offset: Floats, shape: tuple[int, ...], grid: FaceGrid, lit: Light,
           rng: Rng) -> Iterator[tuple[NDArray[np.uint8], Field]]:  # fmt: skip
    """Yield (coverage uint8, colour float32) of each finger in the order they are laid down."""
    if not hand:
        return
    tone = np.clip(lit.skin * rng.normal(1.0, 0.1) + rng.normal(0, 5, 3), 15, 250)
    glove = rng.random() < 0.06
    if glove:
        tone = np.array([[150, 190, 235], [235, 235, 235], [40, 40, 45]][rng.integers(3)], float)
    sigma = max(0.8, grid.size * 0.03)
    angle = rng.uniform(0, 2 * np.pi)
    for polygon in hand:
        cover = coverage([polygon - offset], (shape[0], shape[1]))
        soft = cv2.GaussianBlur(cover, (0, 0), sigma).astype(np.float32) * np.float32(1 / 255)
        # The blurred finger is its height: light from one side, dark at the rims.
        gx = np.roll(soft, 2, 1) - soft
        gy = np.roll(soft, 2, 0) - soft
        shade = 0.62 + 0.42 * soft + (gx * np.cos(angle) + gy * np.sin(angle)) * 1.2
        field = mix.flood(cover.shape, tone)
        mix.scale(field, shade.astype(np.float32))
        yield cover, field
