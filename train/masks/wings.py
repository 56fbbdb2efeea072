"""Sides that are cut from the cloth itself and reach round the ear, as on foam masks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from train.masks.curves import smooth
from train.masks.grid import FaceGrid
from train.masks.layout import Layout
from train.masks.noise import Rng

Floats = NDArray[np.floating]

SHARES = {"sponge": 0.6, "plain": 0.08, "seamed": 0.08}
"""How often a cut has wings in place of ear loops."""


def draw(layout: Layout, grid: FaceGrid, rng: Rng) -> list[Floats]:
    """Return the wings of a laid-out mask, an upper and a lower one a side, or none."""
    if rng.random() >= SHARES.get(layout.style, 0.0):
        return []
    slot, end, spread = rng.uniform(0.0, 0.5), rng.uniform(0.03, 0.09), rng.normal(0, 0.03)
    out = []
    for sign in (-1, 1):
        if grid.yaw * sign <= 0.45:  # else that ear is behind the head
            out += _pair(layout, grid, sign, slot, end * grid.size, spread)
    return out


def _pair(
    layout: Layout, grid: FaceGrid, sign: int, slot: float, end: float, spread: float
) -> list[Floats]:
    """The cloth above and below the slot for an ear.

    Parameters
    ----------
    slot : how far towards the ear the cloth goes on before it parts, 0..1
    end : width of each wing at the ear, pixels
    spread : how much further apart than usual the wings end at the ear, of the face's size
    """
    k = 0 if sign < 0 else -1
    upper, lower = layout.tops[k], layout.bottoms[k]
    out = grid.across * sign * grid.size * (0.05 - 0.2 * min(0.0, grid.yaw * sign))
    root = grid.at(sign * 1.0, 0.06 - spread)[0] + out
    lobe = grid.at(sign * 1.0, 0.5 + spread)[0] + out * 0.9
    ear, seam = (root + lobe) / 2, (upper + lower) / 2
    parting = seam + slot * 0.6 * (ear - seam)
    inwards = (grid.middle[4] - seam) * 0.1
    down = grid.down * end
    wings = []
    for corner, tip, width in ((upper, root, down), (lower, lobe, -down)):
        # Cloth under pull runs straight at its outer edge and in a bow along the slot.
        outer = np.stack([corner + inwards, (corner + tip) / 2 + width * 0.15, tip])
        bow = (parting + tip + width) / 2 + (tip - ear) * 0.12
        inner = np.stack([tip + width, bow, parting])
        wings.append(np.concatenate([smooth(outer), smooth(inner), (seam + inwards)[None]]))
    return wings
