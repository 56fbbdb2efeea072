"""What a mask is made of before any colour: its parts as polygons, and what lies before it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from train.masks.curves import fill

Floats = NDArray[np.floating]


@dataclass
class Layout:
    """One mask's geometry in the picture.

    Attributes
    ----------
    kind : one of `train.masks.KINDS`
    style : the cut inside the kind ("pleated", "kn95", "gaiter", ...)
    body : polygons that are cloth; their union is the mask without its straps
    straps : polygons of ear loops and head bands
    hand : polygons of fingers in front of the mask
    tops, bottoms : (N, 2) upper and lower edge from left to right, for seams and folds
    top, bottom : the t at which the mask begins and ends on the middle line
    reach : the s to which it goes sideways
    """

    kind: str
    style: str
    body: list[Floats]
    straps: list[Floats] = field(default_factory=list)
    hand: list[Floats] = field(default_factory=list)
    tops: Floats = field(default_factory=lambda: np.zeros((0, 2)))
    bottoms: Floats = field(default_factory=lambda: np.zeros((0, 2)))
    top: float = 0.3
    bottom: float = 1.05
    reach: float = 0.9


def coverage(polygons: list[Floats], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the antialiased union of polygons: (H, W) uint8, 255 inside."""
    canvas = np.zeros(shape, np.uint8)
    for polygon in polygons:
        fill(canvas, polygon)
    return canvas


def matte_of(layout: Layout, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return the mask's coverage with its straps and without the hand: (H, W) float32, 0..1."""
    cloth = coverage(layout.body + layout.straps, shape).astype(np.float32)
    cloth *= np.float32(1 / 255)
    if layout.hand:
        cloth *= 1 - coverage(layout.hand, shape).astype(np.float32) / 255
    return cloth
