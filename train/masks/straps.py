"""Ear loops and head bands: thin ribbons from the mask's corners to the ears or round the head."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from train.masks.curves import ribbon, smooth
from train.masks.grid import FaceGrid
from train.masks.layout import Layout
from train.masks.noise import Rng, aside

Floats = NDArray[np.floating]


def draw(layout: Layout, grid: FaceGrid, rng: Rng) -> list[Floats]:
    """Return the ribbons of a laid-out mask; scarves have none."""
    if layout.style in ("gaiter", "bandana", "wrap"):
        return []
    share = 0.65 if layout.style in ("cup", "duckbill") else 0.1
    if rng.random() < share:
        return _head_bands(layout, grid, rng)
    if rng.random() < 0.08:
        return []  # behind hair
    width = grid.size * (
        rng.uniform(0.008, 0.02) if rng.random() < 0.75 else rng.uniform(0.02, 0.05)
    )
    slack = rng.uniform(-0.02, 0.04)
    width = _broad(width, 0.1 * grid.size, rng)
    out = []
    for sign in (-1, 1):
        if grid.yaw * sign > 0.45:
            continue  # that ear is behind the head
        out += _loops(layout, grid, sign, max(0.7, width), slack, rng)
    return out


def _broad(width: float, broadest: float, rng: Rng) -> float:
    """Now and then a much broader band: cut from jersey, or elastic as on sleeping masks."""
    own = aside(rng)
    return own.uniform(0.5, 1.0) * broadest if own.random() < 0.06 else width


def _ends(layout: Layout, sign: int) -> tuple[Floats, Floats]:
    """The upper and lower corner of one side."""
    k = 0 if sign < 0 else -1
    return layout.tops[k], layout.bottoms[k]


def _loops(
    layout: Layout, grid: FaceGrid, sign: int, width: float, slack: float, rng: Rng
) -> list[Floats]:
    """Two lines to an ear's upper root and to its lobe; the ear hides the rest."""
    upper, lower = _ends(layout, sign)
    out = grid.across * sign * grid.size
    # A head turned away from this side shows more of the ear, turned towards it less.
    beyond = 0.035 - 0.18 * min(0.0, grid.yaw * sign) * 1.0
    root = grid.at(sign * 1.0, rng.normal(0.1, 0.05))[0] + out * beyond
    lobe = grid.at(sign * 1.0, rng.normal(0.5, 0.05))[0] + out * beyond * 0.8
    if rng.random() < 0.12:  # crossed: a twisted loop that pulls the mask tight
        root, lobe = lobe, root
    bend = grid.down * grid.size
    inwards = -grid.across * sign * 0.015 * grid.size
    high = np.stack([upper + inwards, (upper + root) / 2 - bend * slack, root])
    low = np.stack([lower + inwards, (lower + lobe) / 2 + bend * (slack + 0.01), lobe])
    return [ribbon(smooth(high), width), ribbon(smooth(low), width)]


def _head_bands(layout: Layout, grid: FaceGrid, rng: Rng) -> list[Floats]:
    """Two bands from each side: one above the ear to the crown, one below it to the nape."""
    width = max(0.8, grid.size * rng.uniform(0.012, 0.035))
    width = _broad(width, 0.07 * grid.size, rng)
    out = []
    for sign in (-1, 1):
        if grid.yaw * sign > 0.5:
            continue
        upper, lower = _ends(layout, sign)
        side = grid.across * sign * grid.size
        down = grid.down * grid.size
        high_end = grid.at(sign * 1.0, 0.0)[0] + side * 0.03 - down * rng.uniform(0.0, 0.35)
        low_end = grid.at(sign * 1.0, rng.uniform(0.45, 0.75))[0] + side * 0.04
        start = (upper + lower) / 2
        high = np.stack([(upper + start) / 2 - side * 0.02, (start + high_end) / 2, high_end])
        low = np.stack([(lower + start) / 2 - side * 0.02, (lower + low_end) / 2, low_end])
        out += [ribbon(smooth(high), width), ribbon(smooth(low), width)]
    return out
