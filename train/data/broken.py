"""Crops with a part spoilt, and where: what a feature network learns to see as not a photograph.

What inpainters get wrong is what is painted here: smears, flat colour, texture of another place,
grids of up-sampling layers, noise.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

KINDS = ("smear", "flat", "moved", "grid", "noise")
CELL = 8
"""Pixels of a side of what is told apart."""


def spoilt(
    image: NDArray[np.uint8], rng: np.random.Generator, *, kind: str | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return a picture with one to three parts spoilt, and where.

    Parameters
    ----------
    image : (H, W, 3) uint8 RGB, sides multiples of `CELL`; not changed
    kind : one of `KINDS`; drawn if None

    Returns
    -------
    picture as given, and (H/8, W/8) uint8: 1 where more than half of the cell is spoilt
    """
    height, width = image.shape[:2]
    cover = np.zeros((height, width), np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        centre = rng.uniform(0.15, 0.85, 2) * (width, height)
        axes = rng.uniform(0.08, 0.3, 2) * (width, height)
        cv2.ellipse(
            cover,
            (int(centre[0]), int(centre[1])),
            (int(axes[0]), int(axes[1])),
            float(rng.uniform(0, 180)),
            0, 360, 1, -1,
        )  # fmt: skip
    kind = kind or KINDS[int(rng.integers(len(KINDS)))]
    out = np.where(cover[..., None] > 0, _whole(image, kind, rng), image)
    cells = cv2.resize(
        cover.astype(np.float32), (width // CELL, height // CELL), interpolation=cv2.INTER_AREA
    )
    return out.astype(np.uint8, copy=False), (cells > 0.5).astype(np.uint8)


def _whole(image: NDArray[np.uint8], kind: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return the whole picture in one way spoilt."""
    if kind == "smear":
        return np.asarray(cv2.GaussianBlur(image, (0, 0), float(rng.uniform(2.0, 7.0))), np.uint8)
    if kind == "flat":
        colour = image.reshape(-1, 3)[int(rng.integers(image.shape[0] * image.shape[1]))]
        return np.broadcast_to(colour, image.shape)
    if kind == "moved":
        by = rng.integers(24, 96, 2) * rng.choice([-1, 1], 2)
        return np.roll(image, (int(by[0]), int(by[1])), (0, 1))
    if kind == "grid":
        grid = np.indices(image.shape[:2]).sum(0) % int(rng.integers(2, 5)) == 0
        return np.clip(image + grid[..., None] * float(rng.uniform(6, 20)), 0, 255).astype(np.uint8)
    if kind == "noise":
        noise = rng.normal(0, float(rng.uniform(8, 30)), image.shape)
        return np.clip(image + noise, 0, 255).astype(np.uint8)
    raise ValueError(f"kind {kind!r}, wanted one of {KINDS}")
