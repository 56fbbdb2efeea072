"""Blind inpainters: shown the masked face and told of no mask, they give the bare face.

Where that is blended is found as for every inpainter, by the segmenter; or, by choice, by the
network's own difference: what it has changed was mask. Outside, nothing of it is ever shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from unmask_live.runtime.engine import Engine
from unmask_live.runtime.kinds import FILLED, is_blind
from unmask_live.types import Floats, Image
from unmask_live.vision.align import CROP
from unmask_live.vision.inpaint import Inpainter
from unmask_live.vision.segment import keep_main

CHANGED = 26.0
"""Levels of 255, in any colour, from which a pixel counts as changed, once `BLUR` has evened out
what a network that paints softly changes everywhere. Both chosen by `train.difference`."""
BLUR = 1.5
"""Sigma, crop pixels."""
_GAP = 11
"""Crop pixels; narrower gaps in it, such as prints of the skin's colour, are closed."""
MOST = 0.6
"""Share of the crop beyond which what was changed is no mask: such a picture the network cannot."""
_KERNEL = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_GAP, _GAP))


class BlindInpainter(Inpainter):
    """A network that sees the whole crop."""

    def _run(self, images: Floats, holes: Sequence[Floats]) -> Floats:
        return self.engine(image=images)[FILLED]


def inpainter_on(engine: Engine) -> Inpainter:
    """Return what fills with an engine, by what it takes."""
    return BlindInpainter(engine) if is_blind(engine) else Inpainter(engine)


@dataclass(frozen=True)
class Bared:
    """A crop without its mask, and where that was.

    Attributes
    ----------
    filled : (256, 256, 3) float32 RGB in 0..255
    matte : (256, 256) float32 in 0..1
    """

    filled: Floats
    matte: Floats


class Difference:
    """Finds the mask by what a blind inpainter changes; the segmenter has no part in it."""

    def __init__(self, inpaint: BlindInpainter) -> None:
        self.inpaint = inpaint

    def __call__(self, crop: Image, balance: Floats) -> Bared:
        """Return what the network makes of a (256, 256, 3) uint8 RGB crop.

        Parameters
        ----------
        balance : as for `Inpainter`
        """
        return self.many([crop], [balance])[0]

    def many(self, crops: Sequence[Image], balances: Sequence[Floats]) -> list[Bared]:
        """Return the same for several crops, in as few calls of the engine as hold them."""
        made = self.inpaint.many(crops, [_NOTHING] * len(crops), balances)
        return [_bared(*each) for each in zip(crops, made, balances, strict=True)]


def _bared(crop: Image, filled: Floats, balance: Floats) -> Bared:
    # Balanced, the brightest is cut off: the network did not change what it was not shown.
    shown = np.minimum(crop, np.float32(255) / balance)
    return Bared(filled, changed(filled - shown))


_NOTHING = np.zeros((CROP, CROP), np.float32)


def changed(difference: Floats, *, level: float = CHANGED, blur: float = BLUR) -> Floats:
    """Return the matte of the largest part of a crop that was changed, as `Segmenter` gives one.

    It is empty where more than `MOST` was.

    Parameters
    ----------
    difference : (256, 256, 3) float32, levels of 255, signed: fine texture that is lost evens out
    level, blur : as `CHANGED` and `BLUR`
    """
    smooth = cv2.GaussianBlur(difference, (0, 0), blur)
    sure = (np.abs(smooth).max(2) > level).astype(np.uint8)
    worn = keep_main(cv2.morphologyEx(sure, cv2.MORPH_CLOSE, _KERNEL).astype(np.float32))
    outlines, _ = cv2.findContours(worn.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    main = np.zeros(worn.shape, np.float32)
    if outlines:
        cv2.drawContours(main, [max(outlines, key=cv2.contourArea)], -1, 1.0, cv2.FILLED)
    if main.mean() > MOST:
        return np.zeros_like(main)
    return np.asarray(cv2.blur(main, (5, 5)), np.float32)
