"""A believable lower face where the mask was. It is invented, not recovered."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from unmask_live.runtime.engine import Engine
from unmask_live.runtime.kinds import FILLED
from unmask_live.types import Floats, Image
from unmask_live.vision.balance import gains
from unmask_live.vision.batches import batches
from unmask_live.vision.segment import to_input

WIDEN = 13
"""Diameter, crop pixels, by which the matte is widened so that no fringe of the mask is left."""
_KERNEL = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (WIDEN, WIDEN))


def hole_of(matte: Floats) -> Floats:
    """Return what is to be filled, (256, 256) float32, 0 or 1: the matte, widened."""
    covered = (matte > 0.35).astype(np.uint8)
    return cv2.dilate(covered, _KERNEL).astype(np.float32)  # this closes gaps as well


class Inpainter:
    """The inpainter network; `vision.blind` has the other kind."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __call__(self, crop: Image, hole: Floats, balance: Floats | None = None) -> Floats:
        """Return (256, 256, 3) float32 RGB in 0..255; only what lies in the hole means anything.

        Parameters
        ----------
        crop : (256, 256, 3) uint8 RGB
        hole : (256, 256) float32, 0 or 1
        balance : (3,) float32, by what the colours are multiplied for the network and divided
            after it; by default `unmask_live.vision.balance.gains`
        """
        return self.many([crop], [hole], [gains(crop, hole) if balance is None else balance])[0]

    def many(
        self, crops: Sequence[Image], holes: Sequence[Floats], balances: Sequence[Floats]
    ) -> list[Floats]:
        """Return the same for several crops, in as few calls of the engine as hold them."""
        filled: list[Floats] = []
        for some in batches(len(crops), self.engine.batch):
            images = to_input(*crops[some])
            images *= np.stack(balances[some])[:, :, None, None]
            np.minimum(images, 1, out=images)
            made = self._run(images, holes[some])
            filled += [_shown(*pair) for pair in zip(made, balances[some], strict=True)]
        return filled

    def _run(self, images: Floats, holes: Sequence[Floats]) -> Floats:
        """Return what the network makes of N×3×256×256 images, which are written to."""
        alone = len(holes) == 1
        mattes = holes[0][None, None] if alone else np.stack(holes)[:, None]  # one: not copied
        images *= 1 - mattes
        return self.engine(image=images, matte=mattes)[FILLED]


def _shown(planes: Floats, balance: Floats) -> Floats:
    """Return the network's (3, 256, 256) as a picture in the light of its crop, a copy."""
    shown = [plane * (np.float32(255) / gain) for plane, gain in zip(planes, balance, strict=True)]
    return np.asarray(cv2.merge(shown), np.float32)
