"""A hand in front of the mask, as polygons: fingers are ribbons with round tips."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from train.masks.curves import ribbon
from train.masks.grid import FaceGrid

Floats = NDArray[np.floating]
Rng = np.random.Generator


def draw(grid: FaceGrid, rng: Rng) -> list[Floats]:
    """Return finger polygons (first the palm, where there is one) that reach over the mask."""
    size = grid.size
    target = grid.at(float(rng.uniform(-0.8, 0.8)), float(rng.uniform(0.45, 0.95)))[0]
    angle = rng.uniform(0.15, 0.85) * np.pi  # the hand comes from below or from a side
    point = -np.array([np.cos(angle), np.sin(angle)])  # where the fingers point: up
    side = np.array([-point[1], point[0]])
    thick = size * rng.uniform(0.085, 0.12)
    count = int(rng.integers(1, 5))
    out = []
    base = target - point * size * rng.uniform(0.2, 0.45)
    spread = rng.uniform(-0.05, 0.2)
    palm = rng.random() < 0.6
    start = -0.5 if palm else -4.0  # without a palm in sight the fingers come from far below
    for k in range(count):
        offset = k - (count - 1) / 2
        way = point + side * offset * spread
        way /= np.hypot(way[0], way[1])
        length = size * rng.uniform(0.28, 0.42) * (1 - 0.06 * abs(offset))
        root = base + side * offset * thick * 1.02
        bend = side * rng.normal(0, 0.03) * size
        u = np.array([start, 0.0, 0.25, 0.5, 0.75, 0.9, 0.97, 1.0])[:, None]
        line = root + way * u * length + bend * np.maximum(u, 0) ** 2
        wide = thick * np.array([1.05, 1.05, 1.0, 1.02, 0.95, 0.8, 0.55, 0.25])
        out.append(ribbon(line, wide))
    if palm:
        u = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        wide = thick * max(1.6, count * 0.62)
        heart = base - point * wide * 0.7
        ring = side * np.cos(u)[:, None] * wide + point * np.sin(u)[:, None] * wide * 1.2
        out.insert(0, heart + ring)
        arm = np.stack([heart, heart - point * size * 1.5])
        out.insert(0, ribbon(arm, wide * 1.3))
    return out
