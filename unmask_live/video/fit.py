"""Pictures brought to a given size without changing their shape."""

from __future__ import annotations

import cv2
import numpy as np

from unmask_live.types import Image


def fit(image: Image, size: tuple[int, int]) -> Image:
    """Return H×W×3 uint8 ``image`` at ``size`` (width, height), between black bars if need be.

    The very array is returned where the size is right already.
    """
    width, height = size
    if image.shape[:2] == (height, width):
        return image
    canvas = np.zeros((height, width, 3), np.uint8)
    old_height, old_width = image.shape[:2]
    if 0 in (old_height, old_width):
        return canvas
    scale = min(width / old_width, height / old_height)
    new_width = min(width, max(1, round(old_width * scale)))
    new_height = min(height, max(1, round(old_height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    x, y = (width - new_width) // 2, (height - new_height) // 2
    small = cv2.resize(image, (new_width, new_height), interpolation=way)
    canvas[y : y + new_height, x : x + new_width] = small
    return canvas


def even(image: Image) -> Image:
    """Return the picture with even sides, as 4:2:0 needs: the last row or column twice if odd."""
    height, width = image.shape[:2]
    if not (height % 2 or width % 2):
        return image
    padded = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    result: Image = padded.astype(np.uint8, copy=False)
    return result
