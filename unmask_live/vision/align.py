"""Where the face's aligned crop lies: a similarity that trusts the eyes.

A mask hides everything below the eyes, so rotation and position come from them alone. Scale is
their distance too, except on a turned head, where that shrinks while the face does not: there the
distance from eyes to mouth, which the finder has learned to guess behind a mask, takes over.
"""

from __future__ import annotations

import cv2
import numpy as np

from unmask_live.types import Floats, Image

CROP = 256
"""Side of the aligned crop in pixels."""
EYES = (128.0, 92.0)
"""Where the point midway between the eyes goes, (x, y) in crop pixels."""
EYE_DISTANCE = 64.0
"""Distance between the eyes in the crop, pixels."""
MOUTH_RATIO = 1.25
"""Eye-to-mouth over eye distance from which a head counts as turned (about 1.1 face on)."""


def similarity(keypoints: Floats) -> Floats:
    """Return the (2, 3) float32 similarity that takes frame pixels to crop pixels.

    Parameters
    ----------
    keypoints : (5, 2) float, in `Detection` order, frame pixels

    Raises
    ------
    ValueError
        if the eyes coincide, so that no rotation can be told
    """
    points = np.asarray(keypoints, dtype=np.float64)
    left, right = points[0], points[1]
    across = right - left
    distance = float(np.hypot(across[0], across[1]))
    if not np.isfinite(points).all() or distance < 1e-3:
        raise ValueError(f"eyes at {left} and {right}: no direction between them")
    middle = (left + right) / 2
    down = (points[3] + points[4]) / 2 - middle
    size = max(distance, float(np.hypot(down[0], down[1])) / MOUTH_RATIO)
    scale = EYE_DISTANCE / size
    cos, sin = across / distance * scale
    matrix = np.array([[cos, sin, 0.0], [-sin, cos, 0.0]])
    matrix[:, 2] = np.array(EYES) - matrix[:, :2] @ middle
    return matrix.astype(np.float32)


def invert(transform: Floats) -> Floats:
    """Return the (2, 3) inverse of a similarity: crop pixels to frame pixels."""
    inverse: Floats = cv2.invertAffineTransform(transform.astype(np.float64)).astype(np.float32)
    return inverse


def apply(transform: Floats, points: Floats) -> Floats:
    """Move (N, 2) points through a (2, 3) transform."""
    moved: Floats = (points @ transform[:, :2].T + transform[:, 2]).astype(np.float32)
    return moved


def inside(shape: tuple[int, int], transform: Floats) -> Floats:
    """Return where the crop shows the frame, (256, 256) float32, 0 or 1, rather than its edge.

    Parameters
    ----------
    shape : height and width of the frame, pixels
    """
    height, width = shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    there = np.zeros((CROP, CROP), np.uint8)
    cv2.fillConvexPoly(there, np.round(apply(transform, corners)).astype(np.int32), 1)
    return there.astype(np.float32)


def crop(image: Image, transform: Floats, side: int = CROP) -> Image:
    """Cut the aligned crop: (side, side, 3) uint8 RGB.

    Faces larger than the crop are averaged first so that shrinking does not alias; beyond the
    frame's edge the last pixels repeat, as in training.
    """
    scale = float(np.hypot(transform[0, 0], transform[0, 1]))
    if scale < 0.5:
        return _crop_shrunk(image, transform, side, scale)
    out = cv2.warpAffine(
        image, transform, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return out.astype(np.uint8, copy=False)


def _crop_shrunk(image: Image, transform: Floats, side: int, scale: float) -> Image:
    """Average the part of the frame that the crop shows by a whole number, then warp it."""
    times = int(1 / scale)
    edge = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
    reach = apply(invert(transform), edge)
    height, width = image.shape[:2]
    low = np.clip(np.floor(reach.min(0)).astype(int) - times, 0, [width - 1, height - 1])
    high = np.clip(np.ceil(reach.max(0)).astype(int) + times, low + 1, [width, height])
    times = int(min(times, *(high - low)))
    parts = (high - low) // times
    x, y = (int(v) for v in low)
    part = image[y : y + int(parts[1]) * times, x : x + int(parts[0]) * times]
    small = cv2.resize(part, (int(parts[0]), int(parts[1])), interpolation=cv2.INTER_AREA)
    closer = transform.astype(np.float64) * times
    # Pixel centres, not corners: the first small pixel lies in the middle of its square.
    closer[:, 2] = transform[:, 2] + transform[:, :2] @ (low + (times - 1) / 2)
    out = cv2.warpAffine(
        small, closer, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return out.astype(np.uint8, copy=False)
