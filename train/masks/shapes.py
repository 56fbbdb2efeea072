"""Outlines of the training family: surgical, cloth, N95 and scarf masks on a `FaceGrid`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from train.masks.curves import hull, smooth
from train.masks.grid import FaceGrid
from train.masks.layout import Layout

Floats = NDArray[np.floating]
Rng = np.random.Generator

STYLES = {
    "surgical": (("pleated", 0.85), ("flat", 0.15)),
    "cloth": (("seamed", 0.4), ("plain", 0.25), ("pleated", 0.15), ("sponge", 0.2)),
    "n95": (("kn95", 0.45), ("cup", 0.25), ("duckbill", 0.15), ("boat", 0.15)),
    "scarf": (("gaiter", 0.45), ("bandana", 0.3), ("wrap", 0.25)),
}
"""Cuts of each kind with their share."""


def choose(table: tuple[tuple[str, float], ...], rng: Rng) -> str:
    """Draw a name from (name, share) pairs."""
    mark = rng.random() * sum(share for _, share in table)
    for name, share in table:
        mark -= share
        if mark < 0:
            return name
    return table[-1][0]


def draw(kind: str, grid: FaceGrid, rng: Rng) -> Layout:
    """Return a mask of one kind ("printed" borrows another kind's cut)."""
    cut = kind
    if kind == "printed":
        cut = choose((("cloth", 0.6), ("surgical", 0.2), ("scarf", 0.2)), rng)
    style = choose(STYLES[cut], rng)
    out = (_scarf if cut == "scarf" else _panel)(style, grid, rng)
    out.kind = kind
    return out


def _height(rng: Rng, style: str) -> float:
    """Where the upper edge crosses the nose: usually on the bridge, sometimes slipped."""
    luck = rng.random()
    if luck < 0.08:
        return float(rng.uniform(0.4, 0.56))  # nose out
    if luck < 0.09:
        return float(rng.uniform(0.7, 0.85))  # worn on the chin
    base = 0.17 if style in ("kn95", "cup", "boat", "duckbill") else 0.22
    return float(np.clip(rng.normal(base, 0.065), 0.04, 0.38))


def _panel(style: str, grid: FaceGrid, rng: Rng) -> Layout:
    """A mask between nose, chin and cheeks: four edges, with corners as the cut has them."""
    top = _height(rng, style)
    low = max(0.0, top - 0.4)
    bottom = 1.03 + rng.normal(0.03, 0.05) + low * 0.3
    if rng.random() < 0.06:
        bottom -= rng.uniform(0.05, 0.15)  # too small: the chin shows
    reach = rng.uniform(0.74, 1.06)
    if rng.random() < 0.12:
        reach = rng.uniform(1.0, 1.17)  # too big for the face, as on children
    drop = {"pleated": 0.12, "flat": 0.12, "cup": 0.16}.get(style, 0.14) + rng.normal(0, 0.04)
    corner_top = top + drop  # at the cheeks the edge lies lower than on the nose
    corner_low = {"pleated": 0.72, "flat": 0.74, "cup": 0.78, "duckbill": 0.66}.get(style, 0.66)
    corner_low += rng.normal(0, 0.05) + low * 0.6
    corner_low = float(np.clip(corner_low, corner_top + 0.12, 0.98))
    uneven = rng.normal(0, 0.02, 2)
    inner, nose = rng.uniform(0.35, 0.55), rng.uniform(0.12, 0.22)
    left, right = reach + rng.normal(0, 0.03), reach + rng.normal(0, 0.03)
    # How the edge falls from the nose to the corners: at once (tight) or late (stiff).
    fall = np.exp(rng.normal(-0.15, 0.35))
    steps = drop * (np.array([nose, inner, 1.0]) / reach) ** fall
    steps[2] = drop
    tops = grid.at(
        np.array([-left, -inner, -nose, 0, nose, inner, right]),
        top
        + np.concatenate([[uneven[0]], [0.0] * 5, [uneven[1]]])
        + np.concatenate([steps[::-1], [0.0], steps]),
    )
    bulge = rng.uniform(0.0, 0.06) if style != "duckbill" else rng.uniform(0.0, 0.1)
    jaw = min(1.0, reach + rng.uniform(0.0, 0.12))
    boxy = rng.uniform(0.55, 1.0) if style in ("pleated", "flat") else rng.uniform(0.1, 0.85)
    point = rng.uniform(0.0, 0.05) * float(style in ("kn95", "seamed", "sponge"))
    low_rim = np.array([corner_low + 0.45 * (0.97 - corner_low), 0.95 + 0.05 * boxy])
    low_rim += rng.normal(0, 0.012, 2) + min(0.0, bottom - 1.0)
    sides = np.array([jaw, 0.82 + 0.18 * boxy])
    bottoms = grid.at(
        np.concatenate([[-left], -sides, [0], sides[::-1], [right]]),
        np.concatenate(
            [
                [corner_low + uneven[0]],
                low_rim,
                [bottom + point],
                low_rim[::-1],
                [corner_low + uneven[1]],
            ]
        ),
    )
    # The cloth hangs off the jaw's sides by its own stiffness.
    hang = np.array([0, 0.2, 1.0, 0.5, 1.0, 0.2, 0])[:, None] * rng.uniform(0.0, 0.06)
    stiff = np.array([0, -0.7, -1.0, 0, 1.0, 0.7, 0])[:, None] * rng.uniform(0.0, 0.13)
    bottoms = bottoms + grid.size * boxy * (hang * grid.down + stiff * grid.across)
    tops, bottoms = _tilt([tops, bottoms], grid, rng)
    tops += rng.normal(0, 0.006 * grid.size, tops.shape)
    bottoms += rng.normal(0, 0.008 * grid.size, bottoms.shape)
    bottoms[0] += 0.4 * (tops[0] - bottoms[0]) * float(style == "sponge") * rng.random()
    tops, bottoms = smooth(tops), smooth(bottoms)
    left_side = smooth(_side(tops[0], bottoms[0], -grid.across, bulge * grid.size))
    right_side = smooth(_side(tops[-1], bottoms[-1], grid.across, bulge * grid.size))
    # Two halves: on a strong turn the far one folds under the near one.
    half_top, half_low = len(tops) // 2 + 1, len(bottoms) // 2 + 1
    left_half = [tops[:half_top], bottoms[:half_low][::-1], left_side[1:-1][::-1]]
    right_half = [tops[half_top - 1 :], right_side[1:-1], bottoms[half_low - 1 :][::-1]]
    halves = [np.concatenate(left_half), np.concatenate(right_half)]
    keel = _keel(grid, top, min(bottom, 1.0), style, rng)
    return Layout(
        style, style, [*halves, keel], tops=tops, bottoms=bottoms, top=top, bottom=bottom,
        reach=reach,
    )  # fmt: skip


def _side(upper: Floats, lower: Floats, out: Floats, bulge: float) -> Floats:
    """The edge between two corners, bent outwards by `bulge` pixels."""
    return np.stack([upper, (upper + lower) / 2 + out * bulge, lower])


def _keel(grid: FaceGrid, top: float, bottom: float, style: str, rng: Rng) -> Floats:
    """What stands out in front of a turned face: nose tip and lips under the cloth."""
    t = np.linspace(top + 0.02, bottom, 7)
    front = grid.at(np.zeros(7), t)
    stand = {"kn95": 0.06, "cup": 0.07, "duckbill": 0.1, "boat": 0.06}.get(style, 0.02)
    bell = np.sin(np.linspace(0, np.pi, 7))[:, None]
    front = front + bell * grid.across * grid.yaw * grid.size * stand * rng.uniform(0.8, 1.6)
    wide = np.linspace(0.02, 0.25, 7)
    return hull(np.concatenate([smooth(front), grid.at(-wide, t), grid.at(wide, t)]))


def _tilt(lines: list[Floats], grid: FaceGrid, rng: Rng) -> list[Floats]:
    """Turn and shift a worn mask a little, as they sit in life."""
    angle = np.deg2rad(rng.normal(0, 2.5) if rng.random() < 0.85 else rng.normal(0, 7))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    shift = rng.normal(0, 0.012, 2) * grid.size
    centre = grid.at(0.0, 0.6)[0]
    return [(line - centre) @ turn + centre + shift for line in lines]


def _scarf(style: str, grid: FaceGrid, rng: Rng) -> Layout:
    """Cloth from the nose down over the neck, wider than the face."""
    top = _height(rng, style)
    reach = rng.uniform(0.97, 1.1)
    corner = top + rng.normal(0.08, 0.07)
    tops = grid.at(
        np.array([-reach, -0.55, -0.2, 0, 0.2, 0.55, reach]),
        np.array([corner, top + 0.08, top + 0.02, top, top + 0.02, top + 0.08, corner])
        + rng.normal(0, 0.015, 7),
    )
    (tops,) = _tilt([tops], grid, rng)
    down, across, size = grid.down, grid.across, grid.size
    neck = grid.at(0.0, 1.0)[0] - across * grid.yaw * size * 0.25
    if style == "bandana":
        point = neck + down * size * rng.uniform(0.15, 0.6) + across * rng.normal(0, 0.06) * size
        wide, drop = rng.uniform(0.3, 0.45), rng.uniform(-0.1, 0.12)
        lower = np.stack(
            [
                grid.at(-1.0, 0.7)[0] - across * 0.02 * size,
                neck - across * wide * size + down * drop * size,
                point,
                neck + across * wide * size + down * drop * size,
                grid.at(1.0, 0.7)[0] + across * 0.02 * size,
            ]
        )
    else:
        wide = rng.uniform(0.34, 0.5) if style == "gaiter" else rng.uniform(0.42, 0.7)
        end = rng.uniform(0.25, 0.5) if rng.random() < 0.3 else rng.uniform(0.8, 2.2)
        flare = rng.uniform(1.0, 1.25) if style == "gaiter" else rng.uniform(1.0, 1.7)
        left = [neck - across * wide * size * f + down * d * size for f, d in
                ((1.0, 0.05), (flare, end * 0.6), (flare * 1.05, end))]  # fmt: skip
        right = [neck + across * wide * size * f + down * d * size for f, d in
                 ((1.0, 0.05), (flare, end * 0.6), (flare * 1.05, end))]  # fmt: skip
        middle = neck + down * size * (end + rng.uniform(0.0, 0.12))
        jaw = rng.uniform(1.0, 1.08)
        lower = np.stack([grid.at(-jaw, 0.7)[0], *left, middle, *right[::-1], grid.at(jaw, 0.7)[0]])
    lower = lower + rng.normal(0, 0.012 * size, lower.shape)
    tops, bottoms = smooth(tops), smooth(lower)
    keel = _keel(grid, top, 1.0, style, rng)
    outline = np.concatenate([tops, bottoms[::-1]])
    return Layout(
        "scarf", style, [outline, keel], tops=tops, bottoms=bottoms, top=top, bottom=1.4,
        reach=reach,
    )  # fmt: skip
