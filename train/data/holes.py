"""What the inpainter is asked to fill: a mask's coverage, widened as at run time."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from train.data.faces import Sample
from train.masks import matte_only
from unmask_live.vision.align import CROP

# At run time the segmenter's matte is widened a little so that no fringe of the mask is left in
# what the inpainter sees; how much varies here, as the segmenter's own border does. Pixels of 256².
_WIDEN = (3, 5, 7, 9, 11, 13)


def hole(sample: Sample, rng: np.random.Generator, *, family: str = "train") -> NDArray[np.float32]:
    """Return the (S, S) float32 hole, 0 or 1, for a face that would wear a random mask."""
    matte = matte_only(sample.image.shape[:2], sample.landmarks, rng, family=family)
    covered = (matte > 0.1).astype(np.uint8)
    size = int(rng.choice(_WIDEN)) * sample.image.shape[0] // CROP | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    wide = cv2.dilate(covered, kernel)
    return (wide.astype(bool) & sample.valid).astype(np.float32)


def stroke(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a thick random stroke: what is left when a strap or a hand is taken off too."""
    out = np.zeros(shape, np.uint8)
    height, width = shape
    points = rng.uniform([0.1 * width, 0.35 * height], [0.9 * width, height], (3, 2))
    thickness = int(rng.integers(4, 22)) * height // CROP
    cv2.polylines(out, [points.round().astype(np.int32)], False, 1, thickness=max(1, thickness))
    return out.astype(np.float32)
