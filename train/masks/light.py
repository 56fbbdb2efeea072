"""What the bare photograph tells of the light that will fall on the cloth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from train.masks.grid import FaceGrid
from train.masks.noise import Rng
from train.masks.surface import Surface

Field = NDArray[np.float32]
Floats = NDArray[np.floating]
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass
class Light:
    """The light on a face.

    Attributes
    ----------
    skin : (3,) mean colour of the cheeks and the nose, 0..255
    field : (ny, nx) float32 on the surface's lattice: brightness of the skin over its mean, smooth
    level : how strongly cloth is lit: 1 in a well exposed picture
    cast : (3,) factors of the light's colour around 1
    side : brightness to the right minus to the left, over the mean
    """

    skin: Floats
    field: Field
    level: float
    cast: Floats
    side: float


def read(image: NDArray[np.uint8], grid: FaceGrid, surface: Surface, rng: Rng) -> Light:
    """Estimate the light from the skin that the mask will hide."""
    height, width = image.shape[:2]
    s = np.array([-0.8, -0.55, -0.3, 0, 0.3, 0.55, 0.8])
    t = np.array([0.12, 0.3, 0.45, 0.62, 0.8])
    spots = grid.at(np.tile(s, 5), np.repeat(t, 7)).round().astype(int)
    x = np.clip(spots[:, 0], 0, width - 1)
    y = np.clip(spots[:, 1], 0, height - 1)
    small = cv2.resize(
        image, (max(8, width // 6), max(8, height // 6)), interpolation=cv2.INTER_AREA
    )
    sx, sy = x * small.shape[1] // width, y * small.shape[0] // height
    colours = small[sy, sx].astype(np.float32)
    luma = colours @ _LUMA
    # Nostrils, teeth and beards stray from the skin's brightness: the middle counts.
    low, high = np.quantile(luma, [0.3, 0.9])
    good = (luma >= low) & (luma <= high)
    skin = colours[good].mean(0).astype(float)
    mean = float(max(8.0, luma[good].mean()))
    plane = _plane(np.tile(s, 5), np.repeat(t, 7), luma / mean)
    u, down = surface.coarse[..., 0], surface.coarse[..., 3]
    field = 1 + plane[0] * np.clip(u, -1, 1) + plane[1] * (np.clip(down, 0, 1) - 0.35)
    field = np.clip(field, 0.4, 1.7).astype(np.float32)
    albedo = rng.uniform(0.55, 0.8)
    level = float(np.clip((mean / 255) / albedo, 0.3, 1.1)) ** rng.uniform(0.5, 1.0)
    scene = small.reshape(-1, 3).mean(0).astype(float) + 8
    cast = (scene / scene.mean()) ** rng.uniform(0.0, 0.35)
    # Skin is redder than any light: what it lacks of that is the light's cast.
    usual = np.array([1.22, 0.97, 0.81])
    tint = np.clip(skin / max(skin.mean(), 8) / usual, 0.75, 1.3) ** rng.uniform(0.0, 0.6)
    return Light(skin, field, level, cast * tint, float(plane[0]))


def _plane(s: Floats, t: Floats, luma: Floats) -> Floats:
    """Fit luma = a + b s + c (t - 0.5) robustly; return (b, c), kept within reason."""
    basis = np.stack([np.ones_like(s), s, t - 0.5], 1)
    weight = np.ones_like(luma)
    solution = np.zeros(3)
    for _ in range(2):
        weighted = basis * weight[:, None]
        solution = np.linalg.solve(weighted.T @ basis + 0.05 * np.eye(3), weighted.T @ luma)
        weight = 1 / (1 + ((luma - basis @ solution) / 0.12) ** 2)
    return np.clip(solution[1:], -0.45, 0.45)
