"""Where each pixel lies on the cloth: coordinates for texture and light, over the mask's box.

They are worked out on a coarse lattice and blown up: cloth is smooth, pixels are many.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from train.masks.grid import FaceGrid
from train.masks.layout import Layout

Field = NDArray[np.float32]
Floats = NDArray[np.floating]
_EVERY = 24
"""Of the grid's tabulated rows, every how-manieth the lattice reads."""


@dataclass
class Surface:
    """Coordinates over a box of the picture, each (h, w) float32.

    Attributes
    ----------
    x0, y0, x1, y1 : the box in the picture's pixels
    u : -1 at the face's left rim, 0 on its middle line, 1 at the right rim; beyond further
    f : 0 at the mask's upper edge, 1 at its lower edge
    round : u unrolled to arc length, so that a pattern crowds towards the rims
    down : pixels down the face from the upper edge's middle, over the face's size
    coarse : (ny, nx, 4) float32, the lattice that the four were blown up from, in their order
    """

    x0: int
    y0: int
    x1: int
    y1: int
    u: Field
    f: Field
    round: Field
    down: Field
    coarse: Field

    def blow_up(self, coarse: Field) -> Field:
        """Enlarge what was worked out on the lattice to the box."""
        size = (self.u.shape[1], self.u.shape[0])
        out: Field = cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR)
        return out


def box_of(
    polygons: list[Floats], shape: tuple[int, int], margin: float
) -> tuple[int, int, int, int] | None:
    """Return (x0, y0, x1, y1) round polygons with a margin, cut to the picture; None if outside."""
    low = np.min([p.min(0) for p in polygons], 0) - margin
    high = np.max([p.max(0) for p in polygons], 0) + margin
    x0, y0 = max(0, int(low[0])), max(0, int(low[1]))
    x1, y1 = min(shape[1], int(np.ceil(high[0])) + 1), min(shape[0], int(np.ceil(high[1])) + 1)
    return (x0, y0, x1, y1) if x1 - x0 > 1 and y1 - y0 > 1 else None


def surface_of(grid: FaceGrid, layout: Layout, box: tuple[int, int, int, int]) -> Surface:
    """Lay coordinates over a box of the picture."""
    x0, y0, x1, y1 = box
    nx, ny = max(4, min(28, (x1 - x0) // 5)), max(4, min(28, (y1 - y0) // 5))
    # Centres of the lattice's cells, as cv2.resize will take them.
    xs = x0 + (np.arange(nx) + 0.5) * (x1 - x0) / nx - 0.5
    ys = y0 + (np.arange(ny) + 0.5) * (y1 - y0) / ny - 0.5
    turn = np.stack([grid.across, grid.down], 1)
    right = xs[None] * turn[0, 0] + ys[:, None] * turn[1, 0]
    below = xs[None] * turn[0, 1] + ys[:, None] * turn[1, 1]
    middle, rims = grid.curves(_EVERY)
    m, left, far = middle @ turn, rims[0] @ turn, rims[1] @ turn
    at_m = _read(below, m)
    wide_l = np.maximum(at_m - _read(below, left), 0)
    wide_r = np.maximum(_read(below, far) - at_m, 0)
    # Under the jaw the rims meet; the cloth does not.
    floor = 0.28 * grid.size
    wide_l = np.maximum(wide_l, floor * max(0.3, 1 + grid.yaw))
    wide_r = np.maximum(wide_r, floor * max(0.3, 1 - grid.yaw))
    off = right - at_m
    u = np.where(off < 0, off / wide_l, off / wide_r)
    top, low = layout.tops @ turn, layout.bottoms @ turn
    y_top = np.interp(right, np.maximum.accumulate(top[:, 0]), top[:, 1])
    y_low = np.interp(right, np.maximum.accumulate(low[:, 0]), low[:, 1])
    f = (below - y_top) / np.maximum(y_low - y_top, 0.1 * grid.size)
    down = (below - top[len(top) // 2, 1]) / grid.size
    arc = np.arcsin(np.clip(u / 1.08, -0.999, 0.999)) + 0.5 * (u - np.clip(u, -1.08, 1.08))
    stack = np.stack([u, f, arc, down], 2).astype(np.float32)
    full = cv2.resize(stack, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
    planes = cv2.split(full)
    return Surface(x0, y0, x1, y1, planes[0], planes[1], planes[2], planes[3], stack)


def _read(below: Floats, curve: Floats) -> Floats:
    """Read a curve's sideways position at heights; a curve that turns back is straightened."""
    heights = np.maximum.accumulate(curve[:, 1])
    return np.interp(below, heights, curve[:, 0])
