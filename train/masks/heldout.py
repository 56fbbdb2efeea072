"""A second family of masks, never trained on: it tells how far a segmenter generalises.

It shares nothing with the training family but the `Layout` container and the fill: outlines are
star-shaped curves low-passed by Fourier series over other landmarks, patterns are analytic or
cellular, light is Lambert's law on a height field.
"""

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

_JAW = (132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361)
_CHEEKS = ((117, 346), (118, 347), (50, 280), (116, 345), (123, 352))
_NOSES = (6, 197, 195, 5)
_EARS = ((234, 454), (132, 361))
_NEEDED = [
    *_JAW,
    *(p for pair in _CHEEKS for p in pair),
    *_NOSES,
    *(p for e in _EARS for p in e),
    2,
]
_ANGLES = np.linspace(0, 2 * np.pi, 96, endpoint=False)


def lay_out(landmarks: Landmarks, rng: Rng, kind: str) -> Layout:
    """Return a mask's geometry.

    Raises
    ------
    ValueError
        if a landmark it needs is NaN or infinite, or the face has no extent
    """
    points = landmarks.points
    if points.shape != (478, 2) or not np.isfinite(points[_NEEDED]).all():
        raise ValueError("landmarks of the nose, cheeks or jaw are missing (NaN)")
    size = float(np.hypot(*(points[454] - points[234])) + np.hypot(*(points[152] - points[6]))) / 2
    if size < 4:
        raise ValueError(f"face of {size:.1f} pixels: too small for a mask")
    cut = kind if kind != "printed" else ("cloth", "surgical", "scarf")[int(rng.integers(3))]
    if cut == "scarf":
        body = _drape(points.astype(float), size, rng)
    else:
        body = _star(points.astype(float), size, cut, rng)
    layout = Layout(kind, cut, [body])
    if cut != "scarf":
        layout.straps = _straps(points.astype(float), body, size, rng)
    if rng.random() < 0.05:
        layout.hand = [_fist(points.astype(float), size, rng)]
    return layout


def _star(points: Floats, size: float, cut: str, rng: Rng) -> Floats:
    """Hull of jaw, cheeks and nose as radii round its centre, with few Fourier terms."""
    cheeks = points[list(_CHEEKS[int(rng.integers(len(_CHEEKS)))])]
    nose = points[2] if rng.random() < 0.07 else points[_NOSES[int(rng.integers(len(_NOSES)))]]
    jaw = points[list(_JAW)]
    if cut == "n95":
        jaw = jaw[3:-3]
    anchors = np.concatenate([jaw, cheeks, nose[None]])
    line = cv2.convexHull(anchors.astype(np.float32))[:, 0].astype(float)
    centre = (line.max(0) + line.min(0)) / 2
    radii = _radii(line - centre)
    terms = np.fft.rfft(radii)
    keep = int(rng.integers(5, 9)) if cut != "surgical" else int(rng.integers(9, 20))
    terms[keep:] = 0
    terms[2:keep] *= np.exp(rng.normal(0, 0.12, keep - 2) + 1j * rng.normal(0, 0.05, keep - 2))
    radii = np.fft.irfft(terms, len(_ANGLES)) * rng.uniform(0.98, 1.12)
    if cut == "surgical":  # towards a rectangle: a superellipse of the same extent
        power = rng.uniform(3, 7)
        wide = (line[:, 0].max() - line[:, 0].min()) / 2 * rng.uniform(0.85, 1.05)
        high = (line[:, 1].max() - line[:, 1].min()) / 2 * rng.uniform(0.9, 1.08)
        box = (
            np.abs(np.cos(_ANGLES) / wide) ** power + np.abs(np.sin(_ANGLES) / high) ** power
        ) ** (-1 / power)
        radii = radii + rng.uniform(0.3, 0.8) * (box - radii)
    out = centre + radii[:, None] * np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], 1)
    out += rng.normal(0, 0.012, 2) * size
    return out


def _radii(line: Floats) -> Floats:
    """Distances from the origin to a convex polygon (N, 2) round it, at `_ANGLES`."""
    nxt = np.roll(line, -1, 0)
    way = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], 1)[:, None]
    edge = (nxt - line)[None]
    cross = way[..., 0] * edge[..., 1] - way[..., 1] * edge[..., 0]
    safe = np.where(np.abs(cross) < 1e-9, 1e-9, cross)
    reach = (line[:, 0] * edge[0, :, 1] - line[:, 1] * edge[0, :, 0]) / safe
    share = (line[:, 0] * way[..., 1] - line[:, 1] * way[..., 0]) / safe
    hit = (reach > 0) & (share >= -1e-6) & (share <= 1 + 1e-6)
    return np.where(hit, reach, 0).max(1)


def _drape(points: Floats, size: float, rng: Rng) -> Floats:
    """A cloth hung from ear to ear over the nose, wavy at its hem."""
    left, right = points[234], points[454]
    nose = points[_NOSES[int(rng.integers(len(_NOSES)))]]
    u = np.linspace(0, 1, 25)[:, None]
    lift = nose - (left + right) / 2
    shape = np.abs(np.sin(np.pi * u)) ** rng.uniform(1.0, 2.5)
    top = left + u * (right - left) + shape * lift + (u - 0.5) * (right - left) * 0.06
    down = points[152] - points[6]
    long = rng.uniform(0.3, 2.0)
    hem = np.sin(u * np.pi * int(rng.integers(1, 6)) + rng.uniform(0, 6)) * 0.06 * size
    narrow = rng.uniform(0.6, 1.3)
    middle = points[152] + down * long * (1 - 0.3 * np.abs(2 * u - 1))
    low = middle + (u - 0.5) * (right - left) * narrow + hem * down / size
    # Quadratic Bézier sides that bend in under the jaw.
    side = np.linspace(0, 1, 10)[1:-1, None]
    tuck = rng.uniform(0.3, 1.0)
    edges = []
    for start, end, jaw in ((top[-1], low[-1], points[397]), (top[0], low[0], points[172])):
        pull = (start + end) / 2 + tuck * (jaw - (start + end) / 2)
        edges.append((1 - side) ** 2 * start + 2 * side * (1 - side) * pull + side**2 * end)
    right_edge, left_edge = edges
    return np.concatenate([top, right_edge, low[::-1], left_edge[::-1]])


def _straps(points: Floats, body: Floats, size: float, rng: Rng) -> list[Floats]:
    """Bézier bands from the body's left and right extremes towards the ears."""
    across = (points[454] - points[234]) / np.hypot(*(points[454] - points[234]))
    turn = float(((points[6] - points[234]) - (points[454] - points[6])) @ across) / size
    width = size * rng.uniform(0.01, 0.045)
    single = rng.random() < 0.25
    u = np.linspace(0, 1, 14)[:, None]
    out = []
    for k, sign in ((0, -1), (1, 1)):
        if turn * sign > 0.4 or rng.random() < 0.05:
            continue
        along = (body - body.mean(0)) @ across * sign
        edge = body[along > np.quantile(along, 0.8)]
        edge = edge[np.argsort(edge[:, 1])]
        ends = [edge[len(edge) // 2]] if single else [edge[1], edge[-2]]
        for j, start in enumerate(ends):
            ear = points[_EARS[min(j, 1)][k]] + across * sign * size * rng.uniform(0.02, 0.07)
            start = start - across * sign * 0.04 * size
            bow = (start + ear) / 2 + np.array([0, size * rng.normal(0, 0.03)])
            curve = (1 - u) ** 2 * start + 2 * u * (1 - u) * bow + u**2 * ear
            normal = np.array([-(ear - start)[1], (ear - start)[0]])
            normal *= max(0.8, width * (2 if single else 1)) / 2 / (np.hypot(*normal) + 1e-6)
            out.append(np.concatenate([curve + normal, (curve - normal)[::-1]]))
    return out


def _fist(points: Floats, size: float, rng: Rng) -> Floats:
    """A lumpy hand that comes up from below."""
    centre = points[152] + rng.normal(0, 0.18, 2) * size + np.array([0, 0.12 * size])
    radius = size * rng.uniform(0.16, 0.26)
    lumps = 1 + 0.09 * np.abs(np.sin(_ANGLES * rng.integers(3, 6))) * (np.sin(_ANGLES) < 0)
    stretch = 1 + 1.5 * np.clip(np.sin(_ANGLES), 0, 1)
    return centre + (radius * lumps * stretch)[:, None] * np.stack(
        [np.cos(_ANGLES), np.sin(_ANGLES)], 1
    )


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
