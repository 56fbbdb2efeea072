"""Patterns of the held-out family: cells, spots by diffusion, weaves drawn from formulas.

None of them, nor their colours, comes from the training family's makers.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
Floats = NDArray[np.floating]
Rng = np.random.Generator


def ground(rng: Rng) -> Floats:
    """Return a main colour in Lab, greys and pale tones more often than strong ones: (3,) RGB."""
    light = rng.choice([rng.uniform(10, 40), rng.uniform(40, 75), rng.uniform(75, 97)])
    chroma, hue = min(60.0, rng.exponential(16)), rng.uniform(0, 2 * np.pi)
    lab = np.array([[[light, chroma * np.cos(hue), chroma * np.sin(hue)]]], np.float32)
    return np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)[0, 0].astype(float), 0, 1) * 255


def value_noise(shape: tuple[int, ...], rng: Rng, *, octaves: int, stretch: float = 1.0) -> Field:
    """Return (h, w) noise about 0: random grids blown up and added."""
    out = np.zeros(shape[:2], np.float32)
    for k in range(octaves):
        cells = 3 * 2**k
        grid = rng.standard_normal((cells + 1, max(2, int(cells / stretch) + 1)), np.float32)
        out += cv2.resize(grid, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC) / 2**k
    return out


def cloth(shape: tuple[int, ...], size: float, main: Floats, rng: Rng, *, plain: bool) -> Field:
    """Return the cloth's colours, (h, w, 3) float32: plain, or one of the patterns."""
    height, width = shape[:2]
    out = np.empty((height, width, 3), np.float32)
    out[:] = main
    if plain:
        out *= 1 + rng.uniform(0, 0.06) * rng.standard_normal((height, width, 1), np.float32)
        return out
    x, y = _coordinates(height, width, size, rng)
    inks = [ground(rng) for _ in range(3)]
    if abs(inks[0].mean() - main.mean()) < 35:
        inks[0] = 255 - inks[0]
    makers = (_cells, _chevron, _houndstooth, _truchet, _argyle, _spots, _rings, _gingham, _scales)
    weights = makers[int(rng.integers(len(makers)))](x, y, rng)
    for weight, ink in zip(weights, inks, strict=False):
        out += np.clip(weight, 0, 1)[..., None] * (ink.astype(np.float32) - out)
    return out


def _coordinates(height: int, width: int, size: float, rng: Rng) -> tuple[Field, Field]:
    """Coordinates in cells of the pattern, turned, and swollen in the middle as on a ball."""
    cell = size * np.exp(rng.uniform(np.log(0.04), np.log(0.25)))
    yy, xx = np.mgrid[0:height, 0:width].astype(np.float32)
    xx -= width / 2
    yy -= height / 2
    swell = 1 + rng.uniform(0, 0.4) * (xx * xx + yy * yy) / (size * size)
    a = rng.choice([0.0, np.pi / 4, rng.uniform(0, np.pi)])
    scale = swell / np.float32(cell)
    c, s = np.float32(np.cos(a)), np.float32(np.sin(a))
    return (c * xx - s * yy) * scale + 50, (s * xx + c * yy) * scale + 50


def _step(field: Field, soft: float = 0.08) -> Field:
    return np.clip(field / np.float32(soft) + 0.5, 0, 1)


def _cells(x: Field, y: Field, rng: Rng) -> list[Field]:
    """Worley cells: distance to the nearest and second nearest of jittered points."""
    jitter = rng.random((128, 128, 2)).astype(np.float32)
    ix, iy = np.floor(x).astype(int), np.floor(y).astype(int)
    near = np.full(x.shape, 9, np.float32)
    second = near.copy()
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            p = jitter[(iy + dy) % 128, (ix + dx) % 128]
            d = np.hypot(ix + dx + p[..., 0] - x, iy + dy + p[..., 1] - y)
            second = np.minimum(np.maximum(near, d), second)
            near = np.minimum(near, d)
    return [_step(second - near - 0.12), _step(0.25 - near)]


def _chevron(x: Field, y: Field, rng: Rng) -> list[Field]:
    zig = np.abs(x % 2 - 1) * rng.uniform(0.5, 1.5)
    wave = (y + zig) % 1
    return [_step(np.abs(wave - 0.5) - rng.uniform(0.12, 0.35))]


def _houndstooth(x: Field, y: Field, rng: Rng) -> list[Field]:
    a, b = (x % 1) > 0.5, (y % 1) > 0.5
    diagonal = ((x + y) * 2 % 1) > 0.5
    return [np.where(a == b, a, diagonal).astype(np.float32)]


def _truchet(x: Field, y: Field, rng: Rng) -> list[Field]:
    flip = rng.integers(0, 2, (128, 128))
    u, v = x % 1, y % 1
    u = np.where(flip[np.floor(y).astype(int) % 128, np.floor(x).astype(int) % 128] == 1, 1 - u, u)
    arc = np.minimum(np.abs(np.hypot(u, v) - 0.5), np.abs(np.hypot(u - 1, v - 1) - 0.5))
    return [_step(rng.uniform(0.08, 0.22) - arc)]


def _argyle(x: Field, y: Field, rng: Rng) -> list[Field]:
    diamond = np.abs(x % 1 - 0.5) + np.abs(y % 1 - 0.5)
    lines = np.minimum(np.abs((x + y) % 1 - 0.5), np.abs((x - y) % 1 - 0.5))
    return [_step(0.45 - diamond), _step(0.03 - lines)]


def _spots(x: Field, y: Field, rng: Rng) -> list[Field]:
    """Animal print: a band of frequencies, thresholded twice."""
    field = np.zeros(x.shape, np.float32)
    for _ in range(12):
        a = rng.uniform(0, 2 * np.pi)
        k = rng.uniform(4, 6)
        field += np.cos(k * (np.cos(a) * x + np.sin(a) * y) + rng.uniform(0, 7))
    return [_step(field - 1.0, 0.5), _step(field - 3.0, 0.5)]


def _rings(x: Field, y: Field, rng: Rng) -> list[Field]:
    r = np.hypot(x % 1 - 0.5, y % 1 - 0.5)
    return [_step(0.46 - r), _step(0.3 - r), _step(0.14 - r)]


def _gingham(x: Field, y: Field, rng: Rng) -> list[Field]:
    return [0.5 * ((x % 1) > 0.5).astype(np.float32) + 0.5 * ((y % 1) > 0.5)]


def _scales(x: Field, y: Field, rng: Rng) -> list[Field]:
    row = np.floor(y * 2)
    u = (x + 0.5 * (row % 2)) % 1 - 0.5
    v = (y * 2) % 1
    return [_step(0.08 - np.abs(np.hypot(u, 0.5 * v) - 0.45))]
