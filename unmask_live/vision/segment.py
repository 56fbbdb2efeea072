"""Which pixels of the aligned crop are the mask."""

from __future__ import annotations

import cv2
import numpy as np

from unmask_live.runtime.engine import Engine
from unmask_live.types import Floats, Image

MASKED_ABOVE = 0.035
"""Share of the crop that a matte must cover before a bare face counts as masked."""
BARE_BELOW = 0.02
"""Share below which a masked face counts as bare again."""


def to_input(crop: Image) -> Floats:
    """Return an H×W×3 uint8 crop as 1×3×H×W float32 in 0..1."""
    return np.asarray(cv2.dnn.blobFromImage(crop, 1 / 255), np.float32)


class Segmenter:
    """The segmenter network on one crop at a time."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __call__(self, crop: Image) -> Floats:
        """Return the matte, (256, 256) float32 in 0..1: the largest mask only.

        Specks apart from the mask are dropped: they would be filled for nothing.
        """
        matte = self.engine(image=to_input(crop))["matte"][0, 0]
        return keep_main(matte)


def keep_main(matte: Floats) -> Floats:
    """Return the matte without parts much smaller than its largest."""
    sure = (matte > 0.5).astype(np.uint8)
    whole = np.array(matte, np.float32)  # a copy: the engine will write over its own
    count, labels, stats, _ = cv2.connectedComponentsWithStats(sure, connectivity=8)
    if count <= 2:
        return whole
    areas = stats[1:, cv2.CC_STAT_AREA]
    small = np.flatnonzero(areas < max(12, 0.01 * int(areas.max()))) + 1
    if not len(small):
        return whole
    specks = cv2.dilate(np.isin(labels, small).astype(np.uint8), np.ones((5, 5), np.uint8))
    specks[np.isin(labels, np.setdiff1d(np.arange(1, count), small))] = 0
    whole[specks > 0] = 0
    return whole


def is_masked(matte: Floats, before: bool) -> bool:
    """Tell from the covered share whether a mask is worn, slow to change its mind."""
    share = float((matte > 0.5).mean())
    return share > (BARE_BELOW if before else MASKED_ABOVE)
