"""Colours as masks have them: RGB floats 0..255, weighted to what people wear."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Rng = np.random.Generator

MEDICAL = (
    ((150, 200, 228), 0.34), ((240, 243, 245), 0.3), ((38, 38, 42), 0.14),
    ((150, 215, 200), 0.08), ((205, 225, 238), 0.08), ((236, 190, 200), 0.04),
    ((185, 188, 192), 0.05), ((120, 150, 205), 0.04),
)  # fmt: skip
EVERYDAY = (
    ((30, 30, 33), 0.26), ((232, 232, 232), 0.17), ((110, 115, 122), 0.11), ((32, 42, 84), 0.09),
    ((196, 168, 138), 0.1), ((225, 160, 175), 0.06), ((170, 35, 40), 0.06), ((45, 95, 65), 0.05),
    ((110, 150, 195), 0.06), ((120, 105, 80), 0.03), ((105, 60, 120), 0.02), ((215, 175, 60), 0.03),
)  # fmt: skip
WHITES = (
    ((242, 242, 240), 0.75),
    ((40, 40, 42), 0.12),
    ((205, 205, 205), 0.08),
    ((150, 190, 225), 0.05),
)


def pick(table: tuple[tuple[tuple[int, int, int], float], ...], rng: Rng) -> Floats:
    """Draw a colour from a weighted table and stray a little from it: (3,) float."""
    shares = np.array([share for _, share in table])
    base = np.array(table[rng.choice(len(table), p=shares / shares.sum())][0], float)
    return np.clip(base * rng.normal(1, 0.06) + rng.normal(0, 7, 3), 8, 252)


def vivid(rng: Rng) -> Floats:
    """Draw any colour: hue even, saturation and value wide: (3,) float."""
    hsv = np.array([[[rng.uniform(0, 180), 255 * rng.beta(1.6, 1.4), 255 * rng.beta(2.2, 1.3)]]])
    return cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB)[0, 0].astype(float)


def base(kind: str, rng: Rng, skin: Floats) -> Floats:
    """Draw the main colour of a mask; now and then one close to the wearer's skin."""
    luck = rng.random()
    if luck < 0.06:
        return np.clip(skin * rng.normal(1.0, 0.12) + rng.normal(0, 10, 3), 8, 252)
    if luck < 0.2 or (kind in ("scarf", "printed") and luck < 0.5):
        return vivid(rng)
    if kind == "n95":
        return pick(WHITES, rng)
    return pick(MEDICAL if kind == "surgical" else EVERYDAY, rng)


def inks(first: Floats, rng: Rng) -> NDArray[np.uint8]:
    """Return a (256, 3) table from a tile's index to a colour; index 0 is `first`.

    Tiles use indices near 0, 64, 128, 192 and 255 as separate inks; the table runs between them.
    """
    anchors = [first]
    style = rng.random()
    for k in range(4):
        if style < 0.25:  # tone in tone
            ink = np.clip(first * rng.uniform(0.55, 1.35) + rng.normal(0, 12, 3), 5, 252)
        elif style < 0.5 and k == 0:  # black or white on colour
            ink = np.full(3, 240.0 if first.mean() < 128 else 25.0) + rng.normal(0, 5, 3)
        else:
            ink = vivid(rng) if rng.random() < 0.7 else pick(EVERYDAY, rng)
        anchors.append(ink)
    table = np.stack(anchors)
    x = np.arange(256)
    out = np.stack([np.interp(x, [0, 64, 128, 192, 255], table[:, c]) for c in range(3)], 1)
    return np.clip(out, 0, 255).astype(np.uint8)
