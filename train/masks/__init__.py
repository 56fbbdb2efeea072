"""Face masks drawn by our own code on photographs of bare faces, with the exact matte."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from train.data.landmarks import Landmarks
from train.masks import border, focus, hand, heldout, heldout_paint, paint, shapes, straps, wings
from train.masks.camera import degrade
from train.masks.distract import distract
from train.masks.grid import FaceGrid
from train.masks.layout import Layout, matte_of
from train.masks.noise import aside

__all__ = [
    "FAMILIES", "KINDS", "Masked", "degrade", "distract", "lay_out", "matte_only", "put_on",
]  # fmt: skip

KINDS = ("surgical", "cloth", "n95", "scarf", "printed")
SHARES = (("surgical", 0.36), ("cloth", 0.27), ("n95", 0.16), ("scarf", 0.08), ("printed", 0.13))
FAMILIES = ("train", "heldout")
HAND_SHARE = 0.06


class Masked(NamedTuple):
    """A face with a mask painted on.

    Attributes
    ----------
    image : (H, W, 3) uint8 RGB
    matte : (H, W) float32, 0..1, the mask's exact coverage with straps, without a hand before it
    kind : one of `KINDS`
    """

    image: NDArray[np.uint8]
    matte: NDArray[np.float32]
    kind: str


def put_on(
    image: NDArray[np.uint8],
    landmarks: Landmarks,
    rng: np.random.Generator,
    *,
    kind: str | None = None,
    family: str = "train",
    valid: NDArray[np.bool_] | None = None,
) -> Masked:
    """Paint a mask on the face that the landmarks mark.

    Parameters
    ----------
    image : (H, W, 3) uint8 RGB, at least 8 pixels a side; not changed
    landmarks : of one face in it, which may reach beyond the picture
    rng : decides everything; the same state gives the same mask
    kind : one of `KINDS`; drawn by `SHARES` if None
    family : "train", or "heldout": other outlines, textures and shading, for measuring only
    valid : (H, W) bool, False where the picture had ended before it was cropped; there picture and
        matte go on from the nearest valid pixel, as `unmask_live.vision.align.crop` goes on

    Raises
    ------
    ValueError
        on a picture or `valid` of another type or shape, an unknown kind or family, or landmarks
        that lack nose, chin or oval
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or min(image.shape) < 1:
        raise ValueError(f"image {image.dtype} {image.shape}, wanted uint8 (H, W, 3)")
    if valid is not None and valid.shape != image.shape[:2]:
        raise ValueError(f"valid {valid.shape}, wanted {image.shape[:2]}")
    layout = lay_out(landmarks, rng, kind=kind, family=family)
    if family == "heldout":
        painted = heldout_paint.paint(image, layout, landmarks, rng)
    else:
        painted = paint.paint(image, layout, FaceGrid(landmarks), rng)
    matte = matte_of(layout, image.shape[:2])
    painted = focus.match(image, painted, matte, landmarks, rng)
    if valid is not None and not valid.all():
        painted, matte = border.extend(image, painted, matte, valid)
    return Masked(painted, matte, layout.kind)


def lay_out(
    landmarks: Landmarks, rng: np.random.Generator, *, kind: str | None, family: str
) -> Layout:
    """Draw a mask's geometry: what `put_on` paints and `matte_only` fills.

    Raises
    ------
    ValueError
        on an unknown kind or family, or landmarks that lack nose, chin or oval
    """
    if family not in FAMILIES:
        raise ValueError(f"family {family!r}, wanted one of {FAMILIES}")
    if kind is not None and kind not in KINDS:
        raise ValueError(f"kind {kind!r}, wanted one of {KINDS}")
    kind = kind or shapes.choose(SHARES, rng)
    if family == "heldout":
        return heldout.lay_out(landmarks, rng, kind)
    grid = FaceGrid(landmarks)
    layout = shapes.draw(kind, grid, rng)
    sides = wings.draw(layout, grid, aside(rng))
    layout.straps = straps.draw(layout, grid, rng)
    if sides:
        layout.body, layout.straps = layout.body + sides, []
    if rng.random() < HAND_SHARE:
        layout.hand = hand.draw(grid, rng)
    return layout


def matte_only(
    shape: tuple[int, ...],
    landmarks: Landmarks,
    rng: np.random.Generator,
    *,
    kind: str | None = None,
    family: str = "train",
) -> NDArray[np.float32]:
    """Return only a mask's coverage: (H, W) float32 in 0..1, shapes distributed as in `put_on`.

    Parameters
    ----------
    shape : (H, W) or (H, W, 3) of the picture that the landmarks belong to
    """
    layout = lay_out(landmarks, rng, kind=kind, family=family)
    return matte_of(layout, (int(shape[0]), int(shape[1])))
