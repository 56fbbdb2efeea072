"""Which pixels of the aligned crop are the mask."""

from __future__ import annotations

import cv2
import numpy as np

from unmask_live.runtime.engine import Engine
from unmask_live.types import Floats, Image
from unmask_live.vision.align import EYES

MASKED_ABOVE = 0.035
"""Share of the crop that a matte must cover before a bare face counts as masked."""
BARE_BELOW = 0.02
"""Share below which a masked face counts as bare again."""
SPECK = 0.003
"""Parts smaller than this share of the largest are dropped; a piece of strap is larger."""


def to_input(crop: Image) -> Floats:
    """Return an H×W×3 uint8 crop as 1×3×H×W float32 in 0..1."""
    return np.asarray(cv2.dnn.blobFromImage(crop, 1 / 255), np.float32)


class Segmenter:
    """The segmenter network on one crop at a time."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __call__(self, crop: Image) -> Floats:
        """Return the matte, (256, 256) float32 in 0..1, cleared by `keep_main`."""
        matte = self.engine(image=to_input(crop))["matte"][0, 0]
        return keep_main(matte)


def keep_main(matte: Floats) -> Floats:
    """Return the matte without specks and without what lies wholly above the eyes.

    No mask is worn there; hair and hats are. Straps that run up past the eyes hang together with
    the mask and stay.
    """
    whole = np.array(matte, np.float32)  # a copy: the engine will write over its own
    sure = (whole > 0.5).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        sure, connectivity=8, ltype=cv2.CV_16U
    )
    if count <= 1:
        return whole
    bottoms = stats[1:, cv2.CC_STAT_TOP] + stats[1:, cv2.CC_STAT_HEIGHT]
    areas = stats[1:, cv2.CC_STAT_AREA]
    worn = bottoms > EYES[1]
    largest = int(areas[worn].max()) if worn.any() else 0
    kept = worn & (areas >= max(12, SPECK * largest))
    if kept.all():
        return whole
    specks = np.isin(labels, np.flatnonzero(~kept) + 1).astype(np.uint8)
    drop = np.array(cv2.dilate(specks, np.ones((7, 7), np.uint8)))  # their soft border too
    drop[np.isin(labels, np.flatnonzero(kept) + 1)] = 0
    whole[drop > 0] = 0
    return whole


def is_masked(matte: Floats, before: bool) -> bool:
    """Tell from the covered share whether a mask is worn, slow to change its mind."""
    share = float((matte > 0.5).mean())
    return share > (BARE_BELOW if before else MASKED_ABOVE)
