"""Lines and fittings on the cloth: pleats, seams, hems, nose wire, valve, logos.

Lines go to a shading canvas ((h, w) uint8, 128 neutral, darker below), coloured parts straight to
the cloth.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from train.masks import mix, prints
from train.masks.curves import SUB, ribbon, smooth
from train.masks.grid import FaceGrid
from train.masks.layout import Layout
from train.masks.noise import Rng
from train.masks.surface import Surface

Field = NDArray[np.float32]
Floats = NDArray[np.floating]
Canvas = NDArray[np.uint8]


def _line(canvas: Canvas, points: Floats, value: float, width: int = 1) -> None:
    corners = np.rint(points * (1 << SUB)).astype(np.int32)
    cv2.polylines(canvas, [corners], False, float(value), width, cv2.LINE_AA, SUB)


def _relief_line(
    canvas: Canvas, points: Floats, depth: float, down: Floats, width: int = 1
) -> None:
    """A dark line with a lit one beneath: an edge of cloth that stands out."""
    _line(canvas, points, 128 - depth, width)
    _line(canvas, points + down * width, 128 + 0.6 * depth, width)


def _between(layout: Layout, share: Floats | float, margin: float = 0.0) -> Floats:
    """The line that runs at `share` of the way from the upper to the lower edge."""
    tops = _resample(layout.tops, 16, margin)
    lows = _resample(layout.bottoms, 16, margin)
    weight = np.asarray(share, float)
    return tops + (weight[:, None] if weight.ndim else weight) * (lows - tops)


def _resample(line: Floats, count: int, margin: float) -> Floats:
    at = np.linspace(margin, 1 - margin, count) * (len(line) - 1)
    index = np.minimum(at.astype(int), len(line) - 2)
    return line[index] + (at - index)[:, None] * (line[index + 1] - line[index])


def lines(layout: Layout, grid: FaceGrid, surface: Surface, rng: Rng) -> Field:
    """Return the factor on brightness of a mask's pleats, seams and hems: (h, w) float32."""
    height, width = surface.u.shape
    canvas = np.full((height, width), 128, np.uint8)
    offset = np.array([surface.x0, surface.y0], float)
    size, down = grid.size, grid.down
    thick = max(1, round(size / 130 * rng.uniform(0.6, 1.6)))
    depth = rng.uniform(12, 85)
    style = layout.style
    if style == "pleated":
        first = rng.uniform(0.2, 0.38)
        step = rng.uniform(0.1, 0.22)
        for k in range(int(rng.integers(2, 5))):
            bow = rng.normal(0, 0.02) * np.sin(np.linspace(0, np.pi, 16))
            _relief_line(
                canvas, _between(layout, first + k * step + bow) - offset, depth, down, thick
            )
    if style in ("kn95", "seamed", "sponge") or (style == "plain" and rng.random() < 0.2):
        t = np.linspace(layout.top, min(layout.bottom, 1.02), 9)
        # On a turned head the ridge stands before the face and so moves sideways.
        stand = np.sin(np.linspace(0, np.pi, 9))[:, None] * grid.yaw * size * rng.uniform(0, 0.05)
        ridge = smooth(grid.at(np.zeros(9), t) + stand * grid.across) - offset
        _line(canvas, ridge, 128 - depth * rng.choice([-0.8, 0.8, 1.0]), thick)
        _line(canvas, ridge + grid.across * thick, 128 + depth * rng.uniform(-0.3, 0.8), thick)
    if style in ("duckbill", "boat"):
        for share in (0.38, 0.66):
            bow = 0.1 * np.sin(np.linspace(0, np.pi, 16)) * (1 if share > 0.5 else -1)
            _relief_line(canvas, _between(layout, share + bow) - offset, depth, down, thick)
    if style == "cup":
        for share in rng.uniform(0.1, 0.9, int(rng.integers(0, 4))):
            _relief_line(canvas, _between(layout, float(share)) - offset, depth * 0.6, down, thick)
    if rng.random() < 0.65 and style != "sponge":  # hems
        inset = rng.uniform(0.03, 0.08)
        for share in (inset, 1 - inset):
            points = _between(layout, share) - offset
            if rng.random() < 0.4:
                for k in range(15):  # stitches
                    _line(canvas, points[k : k + 1] + np.array([[0], [0.6]])
                          * (points[k + 1] - points[k]), 128 - depth, thick)  # fmt: skip
            else:
                _line(canvas, points, 128 - depth * rng.choice([0.7, -0.5]), thick)
    if style in ("pleated", "flat", "plain", "seamed") and rng.random() < 0.6:  # side hems
        wide = rng.uniform(0.03, 0.09)
        for k in (wide, 1 - wide):
            ends = np.stack([_resample(layout.tops, 51, 0)[round(k * 50)],
                             _resample(layout.bottoms, 51, 0)[round(k * 50)]])  # fmt: skip
            _line(canvas, ends - offset, 128 - depth * 0.7, thick)
    if style != "sponge" and layout.kind != "scarf" and rng.random() < 0.35:  # nose wire
        wire = _between(layout, 0.07)[5:11] - offset
        _relief_line(canvas, wire, -depth * 0.7, down, max(1, round(size / 60)))
    if rng.random() < 0.5:
        canvas = cv2.GaussianBlur(canvas, (3, 3), 0)
    out: Field = canvas.astype(np.float32) * np.float32(1 / 128)
    if style == "pleated":  # each pleat overhangs the next: a saw-tooth of light
        saw = surface.f * np.float32(rng.uniform(2.5, 4.5)) + np.float32(rng.random())
        saw -= np.floor(saw)
        saw = np.minimum(saw, (1 - saw) * np.float32(9)) - np.float32(0.45)
        out += saw * np.float32(rng.normal(0, 0.2))
    return out


def binding(cloth: Field, layout: Layout, grid: FaceGrid, surface: Surface, colour: Floats,
            rng: Rng) -> None:  # fmt: skip
    """Edge the cloth (h, w, 3) with a band of another colour, as sewn masks are."""
    cover = np.zeros(cloth.shape[:2], np.uint8)
    offset = np.array([surface.x0, surface.y0], float)
    wide = grid.size * rng.uniform(0.03, 0.075)
    sides = [np.stack([layout.tops[k], layout.bottoms[k]]) for k in (0, -1)]
    which = rng.random(3) < (0.9, 0.7, 0.5)
    edges = (layout.tops, layout.bottoms, *sides)
    for edge, line in enumerate(edges):
        if which[min(edge, 2)]:
            corners = np.rint((ribbon(line, wide) - offset) * (1 << SUB)).astype(np.int32)
            cv2.fillPoly(cover, [corners], 255, cv2.LINE_AA, SUB)
    blend(cloth, cover, colour)


def valve(cloth: Field, shade: Field, grid: FaceGrid, surface: Surface, colour: Floats,
          rng: Rng) -> None:  # fmt: skip
    """Put a breathing valve on the cloth (h, w, 3) and its relief on the shading (h, w)."""
    s = rng.choice([-1, 1]) * rng.uniform(0.25, 0.5) if rng.random() < 0.75 else 0.0
    if abs(s + grid.yaw) > 0.75:
        s = -s
    centre = grid.at(float(s), rng.uniform(0.6, 0.82))[0] - (surface.x0, surface.y0)
    r = grid.size * rng.uniform(0.06, 0.13)
    squeeze = max(0.45, 1 - abs(grid.yaw + 0.5 * s) * 0.6)
    turn = float(np.rad2deg(np.arctan2(grid.across[1], grid.across[0])))
    cover = np.zeros(cloth.shape[:2], np.uint8)
    relief = np.full(cloth.shape[:2], 128, np.uint8)
    scale = 1 << SUB
    at = (round(centre[0] * scale), round(centre[1] * scale))

    def disc(canvas: Canvas, radius: float, value: float, width: int = -1) -> None:
        axes = (max(1, round(radius * squeeze * scale)), max(1, round(radius * scale)))
        cv2.ellipse(canvas, at, axes, turn, 0, 360, value, width, cv2.LINE_AA, SUB)

    if rng.random() < 0.3:  # square
        half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * r * [squeeze, 1]
        box = centre + half @ np.stack([grid.across, grid.down])
        cv2.fillPoly(cover, [np.rint(box * scale).astype(np.int32)], 255, cv2.LINE_AA, SUB)
    disc(cover, r, 255)
    thick = max(1, round(r / 10))
    disc(relief, r, 80, thick)
    disc(relief, r * 0.92, 128 + rng.uniform(5, 35), thick)
    for share in rng.uniform(0.2, 0.8, int(rng.integers(1, 4))):
        disc(relief, r * share, rng.uniform(60, 170), thick)
    for k in range(int(rng.integers(0, 5))):  # slots
        a = np.pi * k / 4
        way = np.array([np.cos(a) * squeeze, np.sin(a)]) * r * 0.8
        _line(relief, np.stack([centre - way, centre + way]), 90, thick)
    blend(cloth, cover, colour)
    shade *= 1 + (relief.astype(np.float32) * np.float32(1 / 128) - 1)


def logo(cloth: Field, grid: FaceGrid, surface: Surface, colour: Floats, rng: Rng) -> None:
    """Print a small mark somewhere on the cloth (h, w, 3)."""
    mark = prints.mark(int(rng.integers(prints.FACES)))
    s, t = rng.uniform(-0.6, 0.6), rng.uniform(0.45, 0.9)
    half = rng.uniform(0.1, 0.3) * abs(1 - 0.4 * abs(s))
    corners = grid.at(np.array([s - half, s + half, s - half]), np.array([t, t, t + half * 0.7]))
    corners = corners - (surface.x0, surface.y0)
    source = np.array([[0, 0], [128, 0], [0, 64]], np.float32)
    matrix = cv2.getAffineTransform(source, corners.astype(np.float32))
    cover = cv2.warpAffine(mark, matrix, (cloth.shape[1], cloth.shape[0]), flags=cv2.INTER_AREA)
    blend(cloth, cover, colour)


def blend(cloth: Field, cover: Canvas, colour: Floats) -> None:
    """Lay a colour over the cloth (h, w, 3) where a uint8 coverage says, in place."""
    x, y, w, h = cv2.boundingRect(cover)
    if w == 0 or h == 0:
        return
    part = cloth[y : y + h, x : x + w].copy()
    mix.over(part, mix.flood(part.shape, colour), cover[y : y + h, x : x + w])
    cloth[y : y + h, x : x + w] = part
