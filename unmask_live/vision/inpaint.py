"""A believable lower face where the mask was. It is invented, not recovered."""

from __future__ import annotations

import cv2
import numpy as np

from unmask_live.runtime.engine import Engine
from unmask_live.runtime.kinds import FILLED
from unmask_live.types import Floats, Image
from unmask_live.vision.balance import gains
from unmask_live.vision.segment import to_input

WIDEN = 13
"""Diameter, crop pixels, by which the matte is widened so that no fringe of the mask is left."""
_KERNEL = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (WIDEN, WIDEN))


def hole_of(matte: Floats) -> Floats:
    """Return what is to be filled, (256, 256) float32, 0 or 1: the matte, widened."""
    covered = (matte > 0.35).astype(np.uint8)
    return cv2.dilate(covered, _KERNEL).astype(np.float32)  # this closes gaps as well


class Inpainter:
    """The inpainter network on one crop at a time; `vision.blind` has the other kind."""

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
        balance = gains(crop, hole) if balance is None else balance
        image = to_input(crop)
        image *= balance[None, :, None, None]
        np.minimum(image, 1, out=image)
        planes = self._run(image, hole[None, None])[0]
        shown = [
            plane * (np.float32(255) / gain) for plane, gain in zip(planes, balance, strict=True)
        ]
        return np.asarray(cv2.merge(shown), np.float32)

    def _run(self, image: Floats, matte: Floats) -> Floats:
        """Return what the network makes of an image, which is written to, and a matte."""
        image *= 1 - matte
        return self.engine(image=image, matte=matte)[FILLED]
