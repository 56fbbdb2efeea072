"""Pictures that end inside the crop: what lies beyond repeats the last pixels."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def extend(
    bare: NDArray[np.uint8],
    image: NDArray[np.uint8],
    matte: NDArray[np.float32],
    valid: NDArray[np.bool_],
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Continue picture and matte beyond the valid area from the nearest valid pixel.

    Only where that pixel was painted on; elsewhere the bare picture stays as it was.
    """
    beyond = ~valid
    if not valid.any():
        return bare.copy(), np.zeros_like(matte)
    near = cv2.dilate(beyond.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    if not matte[near].any():
        return image, matte  # the mask ends before the picture does
    # Every valid pixel is a zero with a label of its own; `source` maps label to pixel.
    _, labels = cv2.distanceTransformWithLabels(
        beyond.astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    source = np.zeros(int(labels.max()) + 1, np.intp)
    inside = np.flatnonzero(valid)
    source[labels.ravel()[inside]] = inside
    where = np.flatnonzero(beyond)
    nearest = source[labels.ravel()[where]]
    out, spread = image.copy(), matte.copy()
    flat, flat_bare = out.reshape(-1, 3), bare.reshape(-1, 3)
    flat[where] = flat_bare[where]
    changed = (flat[nearest] != flat_bare[nearest]).any(1)
    flat[where[changed]] = flat[nearest[changed]]
    spread.reshape(-1)[where] = matte.reshape(-1)[nearest]
    return out, spread
