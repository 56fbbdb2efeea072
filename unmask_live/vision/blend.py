"""The filled crop back into the frame: only where the matte says so, bit-exact elsewhere."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from unmask_live.types import Floats, Image
from unmask_live.vision import align

FEATHER = 5
"""Width of the soft border, crop pixels; it lies inside the hole, outside the mask itself."""
_SMALL = 64
_MOST = 14.0
"""Largest correction at the rim, levels of 255."""
_ALIKE = 26.0
"""Difference at the rim, levels, beyond which it is an edge of the scene rather than of ours."""


def feather(hole: Floats) -> Floats:
    """Return the opacity of the fill: 1 deep in the hole, 0 at its border and outside.

    Parameters
    ----------
    hole : (256, 256) float32, 0 or 1
    """
    inner = cv2.erode(hole, np.ones((FEATHER, FEATHER), np.uint8), borderValue=1)
    return np.asarray(cv2.blur(inner, (FEATHER, FEATHER), borderType=cv2.BORDER_REPLICATE))


def match_rim(filled: Floats, crop: Image, hole: Floats) -> Floats:
    """Return the fill with its colour drawn to what lies just outside the hole.

    The difference of means across the border is taken all along the rim and spread inwards. Where
    the two sides differ much they are different things (a jaw before a wall), and count little.

    Parameters
    ----------
    filled : (256, 256, 3) float32 RGB in 0..255
    crop : (256, 256, 3) uint8 RGB
    hole : (256, 256) float32, 0 or 1
    """
    size = (_SMALL, _SMALL)
    inside = cv2.resize(hole, size, interpolation=cv2.INTER_AREA)
    outside = 1 - inside
    fill = cv2.resize(filled * hole[..., None], size, interpolation=cv2.INTER_AREA)
    near = crop.astype(np.float32) * (1 - hole)[..., None]
    scene = cv2.resize(near, size, interpolation=cv2.INTER_AREA)

    def spread(values: NDArray[Any], sigma: float) -> Floats:
        out = cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
        return np.asarray(out, np.float32)

    weight_in, weight_out = spread(inside, 1.5), spread(outside, 1.5)
    mean_in = spread(fill, 1.5) / np.maximum(weight_in, 1e-3)[..., None]
    mean_out = spread(scene, 1.5) / np.maximum(weight_out, 1e-3)[..., None]
    gap = mean_out - mean_in
    rim = np.minimum(weight_in, weight_out) * 2  # 1 on the border, 0 away from it
    trust = rim**2 * np.exp(-((np.abs(gap).max(2) / _ALIKE) ** 2))
    wide = spread(trust, 5.0)
    drawn = spread(gap * trust[..., None], 5.0) / (wide + 0.02)[..., None]
    drawn = np.clip(drawn, -_MOST, _MOST)
    return filled + np.asarray(cv2.resize(drawn, hole.shape[::-1]), np.float32)


def blend(
    frame: Image, filled: Floats, alpha: Floats, transform: Floats, *, opacity: float = 1.0
) -> None:
    """Lay the fill over ``frame``, in place; pixels with no opacity keep their bits.

    Parameters
    ----------
    frame : H×W×3 uint8 RGB, written to (the caller's own copy)
    filled : (256, 256, 3) float32 RGB in 0..255
    alpha : (256, 256) float32 in 0..1
    transform : (2, 3), frame pixels to crop pixels
    """
    if opacity <= 0 or not alpha.any():
        return
    ys, xs = np.flatnonzero(alpha.any(1)), np.flatnonzero(alpha.any(0))
    corners = np.array(
        [[x, y] for x in (xs[0] - 1, xs[-1] + 1) for y in (ys[0] - 1, ys[-1] + 1)], np.float32
    )
    back = align.invert(transform)
    reach = align.apply(back, corners)
    height, width = frame.shape[:2]
    x0, y0 = np.maximum(np.floor(reach.min(0)).astype(int), 0)
    x1, y1 = np.minimum(np.ceil(reach.max(0)).astype(int) + 1, [width, height])
    if x0 >= x1 or y0 >= y1:
        return
    shift = back.copy()
    shift[:, 2] -= (x0, y0)
    layer = np.dstack([np.clip(filled, 0, 255), alpha * (255 * opacity)]).astype(np.float32)
    scale = float(np.hypot(shift[0, 0], shift[0, 1]))
    if scale < 0.5:  # a far face: average first, or it would alias
        layer = np.asarray(cv2.blur(layer, (int(1 / scale), int(1 / scale))), np.float32)
        layer[..., 3] *= alpha > 0
    warped = cv2.warpAffine(
        layer, shift, (int(x1 - x0), int(y1 - y0)), flags=cv2.INTER_LINEAR, borderValue=0
    )
    region = frame[y0:y1, x0:x1]
    share = warped[..., 3:] * np.float32(1 / 255)
    mixed = region + (warped[..., :3] - region) * share
    touched = warped[..., 3] > 0.5
    cv2.copyTo(np.clip(mixed + 0.5, 0, 255).astype(np.uint8), touched.view(np.uint8), region)
