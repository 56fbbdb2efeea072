"""A bank of seamless pattern tiles for the training family.

A tile is (256, 256) uint8 of ink indices (0 the ground, 64, 128, 192, 255 further inks); colours
come later from `palette.inks`, so one tile serves in any colours. Tiles are made on first use, once
a process, from a seed of their own: which tile a mask gets depends on the mask's rng alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from train.masks import prints
from train.masks.noise import SIDE, Rng, ranked, spectrum, unit

Tile = NDArray[np.uint8]
BANK = 300
_Y, _X = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE


def _stripes(rng: Rng) -> Tile:
    count = int(rng.integers(3, 40))
    turns = int(rng.choice([0, 0, count, -count, count // 2]))
    across = turns if turns else 0
    phase = (_X * across + _Y * count if rng.random() < 0.5 else _X * count + _Y * across) % 1
    widths = np.sort(rng.uniform(0, 1, int(rng.integers(1, 5))))
    return (
        (np.searchsorted(widths, phase.ravel()).reshape(phase.shape) * 64)
        .clip(0, 255)
        .astype(np.uint8)
    )


def _plaid(rng: Rng) -> Tile:
    out = np.zeros((SIDE, SIDE), np.float32)
    for axis in (_X, _Y):
        n = int(rng.integers(2, 7))
        for _ in range(int(rng.integers(1, 4))):
            start, width = rng.random(), rng.uniform(0.04, 0.45)
            out += (((axis * n - start) % 1) < width) * rng.choice([32, 48, 64])
    thread = ((np.arange(SIDE)[:, None] + np.arange(SIDE)[None]) % 4 < 2) * 20.0
    return np.clip(out + thread * (out > 0), 0, 255).astype(np.uint8)


def _dots(rng: Rng) -> Tile:
    n = int(rng.integers(4, 22))
    row = np.floor(_Y * n)
    shift = 0.5 * (row % 2) if n % 2 == 0 and rng.random() < 0.7 else 0
    u, v = (_X * n + shift) % 1 - 0.5, (_Y * n) % 1 - 0.5
    radius = rng.uniform(0.1, 0.42)
    ink = np.clip((radius - np.hypot(u, v)) * SIDE / n + 0.5, 0, 1)
    return (ink * rng.choice([64, 128, 255])).astype(np.uint8)


def _camouflage(rng: Rng) -> Tile:
    out = np.zeros((SIDE, SIDE), np.uint8)
    for k, share in enumerate(rng.uniform(0.15, 0.45, int(rng.integers(2, 5)))):
        blot = ranked(
            spectrum(rng, rng.uniform(1.4, 2.4), low=2, high=40, stretch=rng.uniform(1, 2))
        )
        out[blot < share] = 64 * (k + 1) if k < 3 else 255
    if rng.random() < 0.25:  # digital
        small = int(rng.choice([32, 43, 64]))
        out = cv2.resize(
            cv2.resize(out, (small, small), interpolation=0), (SIDE, SIDE), interpolation=0
        )
    return out


def _flowers(rng: Rng) -> Tile:
    out = np.zeros((SIDE, SIDE), np.uint8)
    size = rng.uniform(5, 34)
    for _ in range(int(np.clip(9000 * rng.uniform(0.4, 1.6) / size**2, 4, 90))):
        centre = rng.uniform(0, SIDE, 2)
        r = size * rng.uniform(0.6, 1.3)
        petals, turn = int(rng.integers(3, 8)), rng.uniform(0, np.pi)
        ink = int(rng.choice([64, 128, 192]))
        for dx in (-SIDE, 0, SIDE):
            c = centre + np.array([dx, 0])
            if not -2 * r < c[0] < SIDE + 2 * r:
                continue
            if rng.random() < 0.5:
                leaf = c + r * 1.3 * np.array([np.cos(turn), np.sin(turn)])
                prints.ellipse(out, leaf, (r * 0.7, r * 0.25), np.rad2deg(turn), 255)
            for k in range(petals):
                a = turn + 2 * np.pi * k / petals
                p = c + r * 0.55 * np.array([np.cos(a), np.sin(a)])
                prints.ellipse(out, p, (r * 0.5, r * 0.3), np.rad2deg(a), ink)
            prints.ellipse(out, c, (r * 0.22, r * 0.22), 0, 255)
    return out


def _blots(rng: Rng) -> Tile:
    field = ranked(spectrum(rng, rng.uniform(0.6, 2), low=3, high=rng.uniform(10, 80)))
    edges = np.sort(rng.uniform(0.2, 0.95, int(rng.integers(1, 4))))
    return (np.digitize(field, edges) * 64).astype(np.uint8)


def _noise(rng: Rng) -> Tile:
    field = spectrum(
        rng, rng.uniform(0, 2), low=rng.choice([1, 2, 8, 20]), stretch=rng.uniform(1, 4)
    )
    return (unit(field) * rng.choice([64, 128, 255])).astype(np.uint8)


def _tie_dye(rng: Rng) -> Tile:
    field = spectrum(rng, 2.0, low=1, high=12) * rng.uniform(0.05, 0.2)
    if rng.random() < 0.5:
        x, y = _X - rng.uniform(0.3, 0.7), _Y - rng.uniform(0.3, 0.7)
        field = field + np.hypot(x, y) * 2 + np.arctan2(y, x) / np.pi * int(rng.integers(0, 3))
    else:
        field = field + _Y * int(rng.integers(1, 4))
    return (np.abs((field * rng.uniform(0.7, 2.5)) % 2 - 1) * 255).astype(np.uint8)


def _gradient(rng: Rng) -> Tile:
    axis = _Y if rng.random() < 0.7 else _X
    return (np.clip(axis + 0.04 * spectrum(rng, 2), 0, 1) * rng.choice([64, 128, 255])).astype(
        np.uint8
    )


def _lace(rng: Rng) -> Tile:
    """Holes (index 255: skin shines through) in a net, with denser flowers."""
    n = int(rng.integers(14, 40))
    u = (_X * n + 0.5 * (np.floor(_Y * n) % 2)) % 1 - 0.5
    v = (_Y * n) % 1 - 0.5
    hole = np.hypot(u, v) < rng.uniform(0.25, 0.45)
    out = np.where(hole, 255, 0).astype(np.uint8)
    solid = _flowers(rng) > 0
    out[solid] = 0
    rim = cv2.dilate(solid.astype(np.uint8), np.ones((3, 3), np.uint8)) > solid
    out[rim] = 64
    return out


def _cracks(rng: Rng) -> Tile:
    """Thin lines that cross: splinters, scribbles, marble."""
    if rng.random() < 0.5:
        field = np.abs(spectrum(rng, rng.uniform(1.2, 2.2), low=2, high=40))
        return np.where(field < rng.uniform(0.03, 0.15), 64, 0).astype(np.uint8)
    out = np.zeros((SIDE, SIDE), np.uint8)
    for _ in range(int(rng.integers(15, 90))):
        a, b = rng.integers(-40, SIDE + 40, (2, 2))
        cv2.line(
            out, a.tolist(), b.tolist(), int(rng.choice([64, 64, 128])), int(rng.integers(1, 4))
        )
    return out


def _letters(rng: Rng) -> Tile:
    """Rows of text-like marks all over."""
    out = np.zeros((SIDE, SIDE), np.uint8)
    step = int(rng.integers(14, 60))
    for y in range(step, SIDE + step, step):
        x = -int(rng.integers(0, step))
        while x < SIDE:
            x += prints.word(
                out, (x, y), step * rng.uniform(0.5, 0.9), int(rng.choice([64, 128, 192])), rng
            )
            x += int(step * rng.uniform(0.2, 1.2))
    return out


def _motifs(rng: Rng) -> Tile:
    """Small figures scattered: hearts, stars, leaves, cartoon-like blobs with outlines."""
    out = np.zeros((SIDE, SIDE), np.uint8)
    size = rng.uniform(8, 36)
    n = max(2, int(SIDE / size / rng.uniform(1.2, 2.4)))
    for i in range(n):
        for j in range(n):
            c = (np.array([j + 0.5 * (i % 2), i]) + rng.uniform(-0.25, 0.25, 2) + 0.5) * SIDE / n
            prints.figure(out, c, size * rng.uniform(0.35, 0.6), rng)
    return out


GENERATORS: tuple[tuple[Callable[[Rng], Tile], int], ...] = (
    (_stripes, 28), (_plaid, 26), (_dots, 22), (_camouflage, 26), (_flowers, 36), (_blots, 24),
    (_noise, 26), (_tie_dye, 18), (_gradient, 12), (_lace, 22), (_cracks, 20), (_letters, 18),
    (_motifs, 22),
)  # fmt: skip
"""Pattern makers with how many tiles of each the bank holds; 300 in all."""


@lru_cache(maxsize=BANK + 8)
def tile(index: int) -> Tile:
    """Return the bank's pattern tile of that number (0..299)."""
    left = index
    for make, count in GENERATORS:
        if left < count:
            return make(np.random.default_rng([71, index]))
        left -= count
    raise IndexError(index)


def is_lace(index: int) -> bool:
    """Tell whether skin shines through a tile's index 255."""
    start = 0
    for make, count in GENERATORS:
        if make is _lace:
            return start <= index < start + count
        start += count
    return False
