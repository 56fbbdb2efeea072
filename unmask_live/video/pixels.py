"""RGB turned into the layouts that virtual cameras take."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from unmask_live.types import Image

Pixels = NDArray[np.uint8]


def _bgr(image: Image) -> Pixels:
    return cv2.cvtColor(image, cv2.COLOR_RGB2BGR).astype(np.uint8, copy=False)


def _rgba(image: Image) -> Pixels:
    return cv2.cvtColor(image, cv2.COLOR_RGB2RGBA).astype(np.uint8, copy=False)


def _i420(image: Image) -> Pixels:
    return cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420).astype(np.uint8, copy=False)


def _nv12(image: Image) -> Pixels:
    height, width = image.shape[:2]
    planes = _i420(image).reshape(-1)
    colours = planes[height * width :].reshape(2, -1)
    return np.concatenate([planes[: height * width], colours.T.reshape(-1)])


def _yuyv(image: Image) -> Pixels:
    return np.ascontiguousarray(_pairs(image)).reshape(-1)


def _uyvy(image: Image) -> Pixels:
    return np.ascontiguousarray(_pairs(image)[..., [1, 0, 3, 2]]).reshape(-1)


def _pairs(image: Image) -> Pixels:
    """Return H×W/2×4: the first pixel's luma, U, the second's luma, V; by way of 4:2:0."""
    height, width = image.shape[:2]
    planes = _i420(image).reshape(-1)
    luma = planes[: height * width].reshape(height, width)
    colours = planes[height * width :].reshape(2, height // 2, width // 2).repeat(2, axis=1)
    return np.stack([luma[:, ::2], colours[0], luma[:, 1::2], colours[1]], axis=2)


LAYOUTS: dict[str, Callable[[Image], Pixels]] = {
    "RGB": np.ascontiguousarray,
    "BGR": _bgr,
    "RGBA": _rgba,
    "I420": _i420,
    "NV12": _nv12,
    "YUYV": _yuyv,
    "UYVY": _uyvy,
}
"""Name in pyvirtualcam's `PixelFormat` to what makes it of an H×W×3 uint8 RGB picture with even
sides; the YUV ones are BT.601 with luma in 16..235, as webcams have it. In the order of trial."""
