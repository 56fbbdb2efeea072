"""Seamless random fields: the raw material of textures and folds."""

from __future__ import annotations

import copy

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
Rng = np.random.Generator
SIDE = 256
"""Side of every tile in pixels."""


def spectrum(rng: Rng, slope: float, *, low: float = 1, high: float = 128, stretch: float = 1.0,
             angle: float = 0.0) -> Field:  # fmt: skip
    """Return (256, 256) noise of unit spread whose power falls as frequency**-slope.

    Parameters
    ----------
    low, high : band of frequencies kept, in waves a tile
    stretch : above 1 draws the noise out along `angle` (radians)
    """
    fy = np.fft.fftfreq(SIDE)[:, None] * SIDE
    fx = np.fft.rfftfreq(SIDE)[None] * SIDE
    along = fx * np.cos(angle) + fy * np.sin(angle)
    across = -fx * np.sin(angle) + fy * np.cos(angle)
    radius = np.hypot(along * stretch, across)
    gain = np.where((radius >= low) & (radius <= high), np.maximum(radius, 0.5) ** -slope, 0)
    phases = rng.standard_normal((SIDE, SIDE // 2 + 1, 2)) @ np.array([1, 1j])
    field = np.fft.irfft2(gain * phases, (SIDE, SIDE))
    out: Field = ((field - field.mean()) / (field.std() + 1e-9)).astype(np.float32)
    return out


def unit(field: NDArray[np.floating]) -> Field:
    """Spread a field over 0..1 by its extremes."""
    low, high = float(field.min()), float(field.max())
    out: Field = ((field - low) / max(high - low, 1e-9)).astype(np.float32)
    return out


def ranked(field: NDArray[np.floating]) -> Field:
    """Spread a field over 0..1 evenly, by rank, so that a threshold p covers the share p."""
    order = np.empty(field.size, np.float32)
    order[np.argsort(field, axis=None)] = np.linspace(0, 1, field.size, dtype=np.float32)
    return order.reshape(field.shape)


def aside(rng: Rng) -> Rng:
    """Return a generator that this one's state decides, and leave it where it is.

    What is drawn from it changes nothing that is drawn from ``rng`` later: masks that do not have
    the new thing stay those that earlier figures were measured on.
    """
    return np.random.default_rng(copy.deepcopy(rng).integers(2**63))
