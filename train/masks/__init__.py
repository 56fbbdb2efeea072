"""Face masks drawn by our own code on photographs of bare faces, with the exact matte."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from train.data.landmarks import Landmarks
from train.masks import hand, shapes, straps
from train.masks.grid import FaceGrid
from train.masks.layout import Layout, matte_of

KINDS = ("surgical", "cloth", "n95", "scarf", "printed")
SHARES = (("surgical", 0.36), ("cloth", 0.27), ("n95", 0.16), ("scarf", 0.08), ("printed", 0.13))
FAMILIES = ("train", "heldout")
HAND_SHARE = 0.06


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
    grid = FaceGrid(landmarks)
    kind = kind or shapes.choose(SHARES, rng)
    layout = shapes.draw(kind, grid, rng)
    layout.straps = straps.draw(layout, grid, rng)
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
