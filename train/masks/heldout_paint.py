"""Painting of the held-out family: cloth lit by Lambert's law on a dome with wrinkles."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from train.data.landmarks import Landmarks
from train.masks import heldout_patterns as patterns
from train.masks.layout import Layout, coverage

Image = NDArray[np.uint8]
Field = NDArray[np.float32]
Floats = NDArray[np.floating]
Rng = np.random.Generator


def paint(image: Image, layout: Layout, landmarks: Landmarks, rng: Rng) -> Image:
    """Return a copy of the picture with the mask on."""
    height, width = image.shape[:2]
    body = coverage(layout.body, (height, width))
    x, y, w, h = cv2.boundingRect(cv2.bitwise_or(body, coverage(layout.straps, (height, width))))
    out = image.copy()
    if w < 2 or h < 2:
        return out
    points = landmarks.points
    size = float(np.hypot(*(points[454] - points[234])))
    pad = int(0.06 * size) + 1
    x0, y0, x1, y1 = (
        max(0, x - pad),
        max(0, y - pad),
        min(width, x + w + pad),
        min(height, y + h + pad),
    )
    part = out[y0:y1, x0:x1].astype(np.float32)
    cover = body[y0:y1, x0:x1]
    halves = _sides(image, points)
    level = np.clip(np.mean([c.mean() for c in halves]) / rng.uniform(130, 200), 0.3, 1.15)
    lean = (halves[1].mean() - halves[0].mean()) / (halves[1].mean() + halves[0].mean() + 1)
    shadow = cv2.boxFilter(cover, cv2.CV_32F, (2 * pad + 1, 2 * pad + 1)) / 255
    part *= 1 - np.float32(rng.uniform(0, 0.35)) * shadow[..., None]
    main = patterns.ground(rng)
    strap = coverage([p - (x0, y0) for p in layout.straps], cover.shape)[..., None] / np.float32(
        255
    )
    tone = main if rng.random() < 0.5 else np.full(3, rng.choice([25.0, 235.0]))
    part += strap * ((tone * level).astype(np.float32) - part)
    plain = rng.random() < (0.0 if layout.kind == "printed" else 0.6)
    colour = patterns.cloth(cover.shape, size, main, rng, plain=plain)
    colour *= (_lambert(cover, layout.kind, size, float(lean), rng) * np.float32(level))[..., None]
    part += cover[..., None].astype(np.float32) / 255 * (colour - part)
    if layout.hand:
        skin = np.mean(halves, 0).astype(np.float32)
        hand = coverage([p - (x0, y0) for p in layout.hand], cover.shape)
        dome = cv2.distanceTransform((hand > 127).astype(np.uint8), cv2.DIST_L2, 3)
        lit = 0.6 + 0.45 * np.minimum(dome / (0.1 * size), 1)
        part += hand[..., None].astype(np.float32) / 255 * (skin * lit[..., None] - part)
    out[y0:y1, x0:x1] = np.clip(part + 0.5, 0, 255).astype(np.uint8)
    return out


def _sides(image: Image, points: Floats) -> list[Floats]:
    """Median colours of the left and right cheek."""
    out = []
    for ring in ((50, 117, 205, 123), (280, 346, 425, 352)):
        p = points[list(ring)]
        x = np.clip(p[:, 0], 0, image.shape[1] - 1).astype(int)
        y = np.clip(p[:, 1], 0, image.shape[0] - 1).astype(int)
        out.append(np.median(image[y, x].astype(float), 0))
    return out


def _lambert(cover: Image, kind: str, size: float, lean: float, rng: Rng) -> Field:
    """Light a dome with wrinkles: height from the distance to the rim, normals from its slopes."""
    solid = (cover > 127).astype(np.uint8)
    rim = cv2.distanceTransform(cv2.copyMakeBorder(solid, 1, 1, 1, 1, cv2.BORDER_CONSTANT), 2, 3)
    rim = rim[1:-1, 1:-1]
    reach = np.float32(rng.uniform(0.12, 0.4) * size)
    height = reach * np.sqrt(np.clip(rim / reach, 0, 1)) * np.float32(rng.uniform(0.4, 1.0))
    height = cv2.GaussianBlur(height, (0, 0), max(1.0, 0.04 * size))
    wrinkles = patterns.value_noise(cover.shape, rng, octaves=4, stretch=rng.uniform(1, 3))
    height += wrinkles * np.float32(size * rng.gamma(1.5, 0.012))
    rows = np.arange(cover.shape[0], dtype=np.float32)[:, None]
    if kind == "surgical":
        period = size * rng.uniform(0.1, 0.2)
        height += np.float32(size * rng.uniform(0.004, 0.014)) * np.sin(2 * np.pi * rows / period)
    dx, dy = cv2.Sobel(height, -1, 1, 0, scale=0.125), cv2.Sobel(height, -1, 0, 1, scale=0.125)
    light = np.array([2.5 * lean + rng.normal(0, 0.25), rng.uniform(-0.9, -0.1), 1.0])
    light /= np.hypot(np.hypot(light[0], light[1]), light[2])
    norm = 1 / np.sqrt(1 + dx * dx + dy * dy)
    lambert = (-dx * light[0] - dy * light[1] + light[2]) * norm
    ambient = rng.uniform(0.35, 0.7)
    out = ambient + (1 - ambient) * np.clip(lambert, 0, 1) / max(0.5, light[2])
    if rng.random() < 0.3:
        out += rng.uniform(0.05, 0.25) * np.clip(lambert, 0, 1) ** 16
    return out.astype(np.float32)
