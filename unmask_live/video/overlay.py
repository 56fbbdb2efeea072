"""Pictures about the result: where the matte lies, and before and after side by side."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from unmask_live.types import Face, Floats, Image

PAINT = (255, 0, 160)
"""Colour of the painted matte, RGB: one that masks and skin rarely have."""
STRENGTH = 0.6


def paint_mattes(image: Image, faces: Sequence[Face]) -> Image:
    """Return a copy of the H×W×3 RGB ``image`` with each face's matte painted on.

    The matte alone decides: a fill that fades is drawn on a face no longer taken for masked.
    """
    painted = image.astype(np.float32)
    height, width = image.shape[:2]
    for face in faces:
        if not face.matte.any():
            continue
        matte: Floats = cv2.warpAffine(
            face.matte,
            face.transform,
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        ).astype(np.float32)
        weight = (STRENGTH * matte)[..., None]
        painted += (np.array(PAINT, np.float32) - painted) * weight
    result: Image = np.clip(painted + 0.5, 0, 255).astype(np.uint8)
    return result


def side_by_side(*images: Image) -> Image:
    """Put pictures of equal height next to each other, left to right."""
    return np.hstack(images)
