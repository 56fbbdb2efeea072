"""Tiles of cloth relief: weave and knit close up, and folds and crumples of the worn mask.

Each is (256, 256) float32 with mean about 0 and extremes near -1 and 1, to be scaled and added to
1 as a factor on brightness.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from train.masks.noise import SIDE, Field, Rng, spectrum

MATERIALS = 36
FOLDS = 48
_Y, _X = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE


def _clip(field: Field) -> Field:
    out: Field = np.clip(field / (2.2 * field.std() + 1e-6), -1.3, 1.3).astype(np.float32)
    return out - out.mean()


@lru_cache(maxsize=MATERIALS)
def material(index: int) -> Field:
    """Return a surface: weave, twill, knit, wool, tweed, fleece or the fibres of non-woven."""
    rng = np.random.default_rng([74, index])
    what = index % 6
    n = int(rng.integers(24, 64))
    wobble = 0.02 * spectrum(rng, 1.5, low=2, high=20)
    if what == 0:  # plain weave
        field = np.sin(2 * np.pi * n * _X + wobble) * np.sin(2 * np.pi * n * _Y + wobble)
    elif what == 1:  # twill or ribs
        field = np.sin(2 * np.pi * (n * _X + int(rng.choice([0, n, n // 2])) * _Y) + 6 * wobble)
    elif what == 2:  # knit: rows of v
        m = n // 2
        leg = np.abs(((_X * m) % 1) - 0.5) * 2
        field = np.cos(2 * np.pi * (_Y * m + leg * 0.5) + wobble * 4) + 0.5 * np.cos(
            2 * np.pi * _X * m
        )
    elif what == 3:  # wool, fleece: curls at a middle scale
        field = np.abs(spectrum(rng, 0.4, low=8, high=60)) + 0.5 * spectrum(rng, 0.2, low=20)
    elif what == 4:  # tweed, melange: speckle drawn out
        field = spectrum(rng, 0.1, low=10, stretch=rng.uniform(1, 3), angle=rng.uniform(0, 3))
        field = np.sign(field) * np.abs(field) ** 1.5
    else:  # non-woven: fine fibres and a grid of welds
        field = spectrum(rng, 0.6, low=16)
        field += 1.2 * (np.cos(2 * np.pi * n * _X) * np.cos(2 * np.pi * n * _Y) > 0.8)
    return _clip(field.astype(np.float32) + 0.25 * spectrum(rng, 0.3, low=8))


def _creases(rng: Rng, stretch: float, angle: float) -> Field:
    """Sharp on one side, soft on the other: creases as ridged noise gives them."""
    ridge = 1 - np.abs(spectrum(rng, 1.6, low=1, high=14, stretch=stretch, angle=angle))
    field = np.where(ridge > 0, ridge, 0.3 * ridge)
    shift = np.roll(field, (2, 1), (0, 1))
    return (field - shift) * 4 + 0.5 * field


@lru_cache(maxsize=FOLDS)
def fold(index: int) -> Field:
    """Return a worn mask's folds; they run with the cloth, across the face or radiating."""
    rng = np.random.default_rng([75, index])
    what = index % 4
    if what == 0:  # along the mask's width
        field = _creases(rng, rng.uniform(2, 5), rng.normal(0, 0.25))
    elif what == 1:  # crumpled
        field = _creases(rng, 1.2, rng.uniform(0, 3)) + 0.5 * spectrum(rng, 1.8, low=1, high=10)
    elif what == 2:  # hanging in bows, as scarves do
        sag = rng.uniform(0.3, 1.2) * (_X - 0.5) ** 2
        phase = 2 * np.pi * (rng.integers(2, 6) * (_Y + sag)) + 1.5 * spectrum(rng, 2, high=6)
        field = np.sin(phase) + 0.4 * np.sin(2 * phase + 1) + 0.3 * spectrum(rng, 1.6, high=12)
    else:  # from the corners towards the middle
        field = np.zeros((SIDE, SIDE), np.float32)
        for cx, cy in ((-0.1, 0.1), (1.1, 0.1), (-0.1, 0.9), (1.1, 0.9)):
            angle = np.arctan2(_Y - cy, _X - cx)
            near = np.exp(-np.hypot(_X - cx, _Y - cy) / rng.uniform(0.2, 0.6))
            field += near * np.sin(angle * rng.uniform(8, 26) + rng.uniform(0, 6))
        field += 0.15 * spectrum(rng, 1.8, low=1, high=14)
    return _clip(cv2.GaussianBlur(field.astype(np.float32), (0, 0), rng.uniform(0.6, 2.0)))
