"""Which pixels of the aligned crop are the mask."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from unmask_live.runtime.engine import Engine
from unmask_live.types import Floats, Image
from unmask_live.vision.align import EYES
from unmask_live.vision.batches import batches

MASKED_ABOVE = 0.035
"""Share of the crop that a matte must cover before a bare face counts as masked."""
BARE_BELOW = 0.02
"""Share below which a masked face counts as bare again."""
SPECK = 0.003
"""Parts smaller than this share of the largest are dropped; a piece of strap is larger."""


def to_input(*crops: Image) -> Floats:
    """Return H×W×3 uint8 crops of one size, at least one, as N×3×H×W float32 in 0..1."""
    out = np.empty((len(crops), 3, *crops[0].shape[:2]), np.float32)
    for planes, crop in zip(out, crops, strict=True):
        for plane, channel in zip(planes, cv2.split(crop), strict=True):  # faster than a blob
            np.multiply(channel, np.float32(1 / 255), out=plane)
    return out


class Segmenter:
    """The segmenter network."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __call__(self, crop: Image) -> Floats:
        """Return the matte, (256, 256) float32 in 0..1, cleared by `keep_main`."""
        return self.many([crop])[0]

    def many(self, crops: Sequence[Image]) -> list[Floats]:
        """Return the mattes of several crops, in as few calls of the engine as hold them."""
        mattes: list[Floats] = []
        for some in batches(len(crops), self.engine.batch):
            made = self.engine(image=to_input(*crops[some]))["matte"]
            mattes += [keep_main(matte[0]) for matte in made]
        return mattes


def keep_main(matte: Floats) -> Floats:
    """Return the matte without specks and without what lies wholly above the eyes.

    No mask is worn there; hair and hats are. Straps that run up past the eyes hang together with
    the mask and stay.
    """
    whole = np.array(matte, np.float32)  # a copy: the engine will write over its own
    sure = (whole > 0.5).astype(np.uint8)
    outlines, _ = cv2.findContours(sure, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    areas = [cv2.contourArea(line) + len(line) / 2 + 1 for line in outlines]  # Pick: with holes
    worn = [bool(line[:, 0, 1].max() >= EYES[1]) for line in outlines]
    largest = max((area for area, on in zip(areas, worn, strict=True) if on), default=0.0)
    least = max(12.0, SPECK * largest)
    kept = [on and area >= least for area, on in zip(areas, worn, strict=True)]
    if all(kept):
        return whole
    specks, stay = np.zeros_like(sure), np.zeros_like(sure)
    for line, stays in zip(outlines, kept, strict=True):
        cv2.drawContours(stay if stays else specks, [line], -1, 1, cv2.FILLED)
    drop = np.array(cv2.dilate(specks, np.ones((7, 7), np.uint8)))  # their soft border too
    whole[drop > stay] = 0
    return whole


def is_masked(matte: Floats, before: bool) -> bool:
    """Tell from the covered share whether a mask is worn, slow to change its mind."""
    share = float((matte > 0.5).mean())
    return share > (BARE_BELOW if before else MASKED_ABOVE)
