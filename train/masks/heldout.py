"""A second family of masks, never trained on: it tells how far a segmenter generalises.

It shares nothing with the training family but the `Layout` container and the fill: outlines are
star-shaped curves low-passed by Fourier series over other landmarks, patterns
(`heldout_patterns`) are analytic or cellular, light (`heldout_paint`) is Lambert's law on a height
field.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from train.data.landmarks import Landmarks
from train.masks.layout import Layout

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
