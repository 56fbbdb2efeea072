"""The cloth's colours before light: pattern, weave, bindings, valve and logo."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from train.masks import mix, palette, prints, relief, textures
from train.masks.noise import Rng, aside
from train.masks.surface import Surface

Field = NDArray[np.float32]
Floats = NDArray[np.floating]

PATTERNED = {"surgical": 0.1, "cloth": 0.35, "n95": 0.08, "scarf": 0.5, "printed": 1.0}
"""How often a kind carries a pattern rather than one colour."""

BLOCKS = {"surgical": 0.01, "cloth": 0.06, "scarf": 0.06, "printed": 0.12}
"""How often a kind is of broad fields of colour."""


def colour_field(kind: str, style: str, main: Floats, skin: Floats, surface: Surface,
                 rng: Rng) -> Field:  # fmt: skip
    """Return the cloth's colour at each pixel of the box: (h, w, 3) float32, 0..255."""
    blocks = _blocks(kind, main, surface, aside(rng))
    if blocks is not None:
        return blocks
    if rng.random() >= PATTERNED[kind]:
        return mix.flood(surface.u.shape, main)
    table = palette.inks(main, rng)
    if kind == "printed" and rng.random() < 0.3:
        picture = table[prints.whole(int(rng.integers(prints.FACES)))]
        wide = rng.uniform(95, 125)
        return _sample(picture, 128 + surface.round * (wide / 1.1), surface.f * 250 + 3)
    index = int(rng.integers(textures.BANK))
    if textures.is_lace(index):
        table[224:] = np.clip(skin * 0.8, 0, 255)  # through the holes
    zoom = float(np.exp(rng.uniform(np.log(55), np.log(190))))
    angle = rng.normal(0, 0.15) if rng.random() < 0.7 else rng.uniform(0, np.pi)
    return _sample(table[textures.tile(index)], *_turned(surface, zoom, angle, rng))


def _blocks(kind: str, main: Floats, surface: Surface, rng: Rng) -> Field | None:
    """Return two or three broad fields of colour, as flags and sewn panels are, now and then."""
    if rng.random() >= BLOCKS.get(kind, 0.0):
        return None
    angle = rng.choice([0.0, np.pi / 2, rng.uniform(0, np.pi)]) + rng.normal(0, 0.08)
    along = surface.f * np.float32(np.cos(angle)) + surface.u * np.float32(0.6 * np.sin(angle))
    low, high = np.percentile(along, [20, 80])
    edges = np.sort(rng.uniform(low, high, int(rng.integers(1, 3))))
    table = palette.inks(main, rng)
    index = np.searchsorted(edges, along.ravel()).reshape(along.shape) * 64
    return table[index].astype(np.float32)


def material_field(surface: Surface, size: float, rng: Rng) -> Field | None:
    """Return the weave's factor on brightness, (h, w), or None for smooth cloth."""
    if rng.random() < 0.45:
        return None
    tile = relief.material(int(rng.integers(relief.MATERIALS)))
    # Threads are fine: a quarter to two pixels each in a 256 crop.
    zoom = float(np.exp(rng.uniform(np.log(0.7), np.log(2.4)))) * size / 1.1
    x, y = _turned(surface, zoom, rng.uniform(0, np.pi), rng)
    field = cv2.remap(tile, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    field *= np.float32(rng.uniform(0.02, 0.22))
    field += 1
    return field


def fold_field(kind: str, surface: Surface, rng: Rng) -> Field:
    """Return the folds' factor on brightness: (h, w) around 1."""
    tile = relief.fold(int(rng.integers(relief.FOLDS)))
    strength = rng.gamma(1.7, {"n95": 0.04, "scarf": 0.13}.get(kind, 0.085))
    zoom = rng.uniform(70, 160)
    if rng.random() < 0.5:
        x = 128 + surface.round * np.float32(zoom * 0.8)
        y = surface.f * np.float32(zoom * 1.4) + np.float32(rng.uniform(0, 60))
    else:
        x, y = _turned(surface, zoom, rng.normal(0, 0.3), rng)
    height, width = x.shape
    # Folds are smooth: every second pixel will do.
    x, y = np.ascontiguousarray(x[::2, ::2]), np.ascontiguousarray(y[::2, ::2])
    half = cv2.remap(tile, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    field: Field = cv2.resize(half, (width, height), interpolation=cv2.INTER_LINEAR)
    return 1 + field * np.float32(min(0.45, strength))


def _turned(surface: Surface, zoom: float, angle: float, rng: Rng) -> tuple[Field, Field]:
    """Texture coordinates: the unrolled surface, scaled, turned and shifted at random."""
    c, s = np.float32(zoom * np.cos(angle)), np.float32(zoom * np.sin(angle))
    x0, y0 = (np.float32(v) for v in rng.uniform(0, 256, 2))
    # `round` spans 2.4 across a face while `down` spans about 1: bring them to one scale.
    down = surface.down * np.float32(2.1)
    return surface.round * c - down * s + x0, surface.round * s + down * c + y0


def _sample(picture: NDArray[np.uint8], x: Field, y: Field) -> Field:
    out = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return out.astype(np.float32)
