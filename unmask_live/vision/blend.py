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
FADE = 32
"""Rows at the crop's lower end over which a fill gives way to what is worn on the neck."""
_RAMP: Floats = (0.5 + 0.5 * np.cos(np.linspace(0, np.pi, FADE)))[:, None].astype(np.float32)
_STEP = 4
_MOST = 14.0
"""Largest correction at the rim, levels of 255."""
_ALIKE = 26.0
"""Difference at the rim, levels, beyond which it is an edge of the scene rather than of ours."""


def feather(hole: Floats) -> Floats:
    """Return the opacity of the fill: 1 deep in the hole, 0 at its border and outside.

    What covers the neck as well, a scarf, goes on below the crop. There it stays, as clothes that
    are worn; the fill fades into it instead of ending at the crop's edge.

    Parameters
    ----------
    hole : (256, 256) float32, 0 or 1
    """
    inner = cv2.erode(hole, np.ones((FEATHER, FEATHER), np.uint8), borderValue=1)
    soft: Floats = np.asarray(cv2.blur(inner, (FEATHER, FEATHER), borderType=cv2.BORDER_REPLICATE))
    if hole[-1].any():
        soft[-FADE:] *= _RAMP
    return soft


def match_rim(filled: Floats, crop: Image, hole: Floats) -> Floats:
    """Draw the fill's colour to what lies just outside the hole; written to, and returned.

    The difference of means across the border is taken all along the rim and spread inwards. Where
    the two sides differ much they are different things (a jaw before a wall), and count little.

    Parameters
    ----------
    filled : (256, 256, 3) float32 RGB in 0..255, of which the hole alone means anything
    crop : (256, 256, 3) uint8 RGB
    hole : (256, 256) float32, 0 or 1
    """
    if not hole.any():
        return filled
    # The gap is smooth along the rim, so every fourth pixel tells enough of it.
    thin = slice(_STEP // 2, None, _STEP)
    inside = hole[thin, thin]
    outside = 1 - inside
    fill = filled[thin, thin] * inside[..., None]
    scene = crop[thin, thin] * outside[..., None]

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
    rows, columns = (_around(hole, axis) for axis in (1, 0))
    part = np.clip(drawn[rows, columns], -_MOST, _MOST)
    size = (part.shape[1] * _STEP, part.shape[0] * _STEP)
    view = filled[
        rows.start * _STEP : rows.stop * _STEP, columns.start * _STEP : columns.stop * _STEP
    ]
    cv2.add(view, cv2.resize(part, size), view)
    return filled


def _around(hole: Floats, axis: int) -> slice:
    """Return the thinned rows (axis 1) or columns (0) of the hole, and one more at each end."""
    there = np.flatnonzero(hole.any(axis)) // _STEP
    return slice(max(0, int(there[0]) - 1), int(there[-1]) + 2)


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
    # Only the part of the crop that is filled is worked on, 8 bits a channel and opacity as the
    # fourth: OpenCV warps four channels twice as fast as three.
    top, left, bottom, right = ys[0], xs[0], ys[-1] + 1, xs[-1] + 1
    _, colour = cv2.threshold(filled[top:bottom, left:right], 0, 0, cv2.THRESH_TOZERO)
    colour = cv2.convertScaleAbs(colour)
    cover = cv2.convertScaleAbs(alpha[top:bottom, left:right], alpha=255.0 * opacity)
    shift = back.astype(np.float64)
    scale = float(np.hypot(shift[0, 0], shift[0, 1]))
    if scale < 0.5:  # a far face: average first, or it would alias
        colour = cv2.blur(colour, (int(1 / scale), int(1 / scale)))
    layer = cv2.insertChannel(cover, cv2.cvtColor(colour, cv2.COLOR_RGB2RGBA), 3)
    layer = cv2.copyMakeBorder(layer, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    layer[[0, -1], :, 3] = 0
    layer[:, [0, -1], 3] = 0
    shift[:, 2] += shift[:, :2] @ (left - 1, top - 1) - (x0, y0)
    layer = cv2.warpAffine(layer, shift, (int(x1 - x0), int(y1 - y0)), borderValue=0)
    colour, cover = cv2.cvtColor(layer, cv2.COLOR_RGBA2RGB), cv2.extractChannel(layer, 3)
    region = frame[y0:y1, x0:x1]
    share = cv2.cvtColor(cover, cv2.COLOR_GRAY2RGB)
    under = cv2.multiply(region, 255 - share, scale=1 / 255)
    mixed = cv2.add(under, cv2.multiply(colour, share, scale=1 / 255))
    cv2.copyTo(mixed, cover, region)
