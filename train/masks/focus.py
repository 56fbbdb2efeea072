"""Make painted cloth as soft as the photograph it is painted on.

Drawn edges are crisp to the pixel, photographs seldom: a network would learn crispness instead of
masks. The eyes, full of fine detail in any sharp picture, tell how soft the photograph is.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from train.data.landmarks import LEFT_EYE, RIGHT_EYE, Landmarks

Image = NDArray[np.uint8]
Rng = np.random.Generator


def softness(image: Image, landmarks: Landmarks) -> float:
    """Estimate the blur of a picture round the eyes as a Gaussian's sigma in pixels, 0..2.5.

    The share of detail finer than a pixel in that finer than three falls steadily with blur; the
    line below was fitted on sharp portraits blurred on purpose.
    """
    eyes = landmarks[[*LEFT_EYE, *RIGHT_EYE]]
    if not np.isfinite(eyes).all():
        return 0.0
    low, high = eyes.min(0), eyes.max(0)
    margin = 0.25 * float(np.max(high - low))
    x0, y0 = (max(0, int(v - margin)) for v in low)
    x1, y1 = (int(v + margin) + 1 for v in high)
    part = image[y0:y1, x0:x1]
    if min(part.shape[:2]) < 8:
        return 0.0
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY).astype(np.float32)
    one, three = cv2.GaussianBlur(grey, (0, 0), 0.8), cv2.GaussianBlur(grey, (0, 0), 2.4)
    fine = float(np.abs(grey - one).mean())
    coarse = float(np.abs(one - three).mean())
    if coarse < 0.3:
        return 0.0
    return float(np.interp(fine / coarse, RATIOS, SIGMAS))


RATIOS = (0.19, 0.2, 0.212, 0.228, 0.254, 0.28, 0.32, 0.42, 0.56)
SIGMAS = (2.5, 2.1, 1.7, 1.4, 1.1, 0.95, 0.75, 0.45, 0.0)


def match(image: Image, painted: Image, matte: NDArray[np.float32], landmarks: Landmarks,
          rng: Rng) -> Image:  # fmt: skip
    """Return the painted picture with cloth and edge softened as the bare picture is."""
    sigma = softness(image, landmarks) * rng.uniform(0.5, 1.1)
    x, y, w, h = cv2.boundingRect((matte > 0).astype(np.uint8))
    if sigma < 0.3 or w == 0:
        return painted
    pad = int(np.ceil(2 * sigma)) + 1
    rows = slice(max(0, y - pad), y + h + pad)
    columns = slice(max(0, x - pad), x + w + pad)
    part = painted[rows, columns]
    blurred = cv2.GaussianBlur(part, (0, 0), sigma)
    reach = cv2.GaussianBlur(matte[rows, columns], (0, 0), sigma)
    out = painted.copy()
    out[rows, columns] = np.where((reach > 0.02)[..., None], blurred, part)
    return out
