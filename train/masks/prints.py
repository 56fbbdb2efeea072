"""Figures printed on masks: marks, words, mouths and skulls, as ink indices on a tile."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from train.masks.noise import SIDE, Rng, ranked, spectrum

Tile = NDArray[np.uint8]
Floats = NDArray[np.floating]
FACES = 40
_FONTS = (0, 1, 2, 3, 4, 5, 6, 7)


def ellipse(out: Tile, centre: Floats, axes: tuple[float, float], degrees: float, ink: int) -> None:
    """Fill an ellipse; wraps from top to bottom so that tiles stay seamless."""
    for dy in (-SIDE, 0, SIDE):
        y = centre[1] + dy
        if -axes[0] < y < SIDE + axes[0]:
            size = (max(1, round(axes[0])), max(1, round(axes[1])))
            cv2.ellipse(out, (round(centre[0]), round(y)), size, degrees, 0, 360, ink, -1)


def word(out: Tile, at: tuple[int, int], height: float, ink: int, rng: Rng) -> int:
    """Write a nonsense word; return its width in pixels."""
    text = "".join(
        rng.choice(
            list("ABCDEFGHIKLMNOPRSTUVXZabcdefghiknorstu0123456789"), int(rng.integers(1, 8))
        )
    )
    font, scale = int(rng.choice(_FONTS)), height / 22
    thick = max(1, round(height / rng.uniform(5, 14)))
    (wide, _), _ = cv2.getTextSize(text, font, scale, thick)
    cv2.putText(out, text, at, font, scale, ink, thick)
    return int(wide)


def figure(out: Tile, c: Floats, r: float, rng: Rng) -> None:
    """Draw one small figure: star, heart, leaf, ring, or a blob with an outline."""
    ink, second = (int(k) for k in rng.choice([64, 128, 192, 255], 2, replace=False))
    a = np.linspace(0, 2 * np.pi, 40, endpoint=False) + rng.uniform(0, 6)
    what = int(rng.integers(0, 5))
    if what == 0:
        points = int(rng.integers(4, 7))
        radius = r * (0.7 + 0.3 * np.sign(np.cos(points * a)))
    elif what == 1:
        radius = r * (0.6 + 0.4 * np.abs(np.cos(a)))
    elif what == 2:
        radius = r * (1 + 0.3 * np.cos(int(rng.integers(2, 6)) * a + rng.uniform(0, 6)))
    elif what == 3:
        cv2.circle(out, (round(c[0]), round(c[1])), max(2, round(r)), ink, max(1, round(r / 3)))
        return
    else:
        radius = r * (1 + 0.25 * rng.standard_normal(40).cumsum() / 4)
    line = (c + np.stack([np.cos(a), np.sin(a)], 1) * np.abs(radius)[:, None]).astype(np.int32)
    cv2.fillPoly(out, [line], ink)
    if rng.random() < 0.5:
        cv2.polylines(out, [line], True, second, max(1, round(r / 8)))
        cv2.circle(out, (round(c[0]), round(c[1])), max(1, round(r / 4)), second, -1)


def _mouth(out: Tile, rng: Rng) -> None:
    """A printed mouth: lips, teeth, tongue."""
    c, wide, high = (
        (128 + int(rng.normal(0, 8)), 140),
        int(rng.uniform(40, 95)),
        int(rng.uniform(12, 45)),
    )
    cv2.ellipse(out, c, (wide, high), 0, 0, 360, 64, -1)
    inner = (int(wide * 0.82), int(high * rng.uniform(0.3, 0.75)))
    cv2.ellipse(out, c, inner, 0, 0, 360, 128, -1)
    if rng.random() < 0.8:
        cv2.ellipse(
            out,
            (c[0], c[1] - inner[1] // 4),
            (int(inner[0] * 0.9), inner[1] // 2),
            0,
            0,
            360,
            192,
            -1,
        )
        for x in np.linspace(-0.7, 0.7, int(rng.integers(4, 10))):
            p = int(c[0] + x * inner[0])
            cv2.line(out, (p, c[1] - inner[1]), (p, c[1] + inner[1]), 128, 1)
    if rng.random() < 0.4:
        cv2.ellipse(out, (c[0], c[1] + inner[1]), (inner[0] // 2, inner[1]), 0, 0, 360, 255, -1)


def _skull(out: Tile, rng: Rng) -> None:
    """A skull's lower face: nose hole, cheek hollows, rows of teeth."""
    cv2.ellipse(out, (128, 95), (105, 130), 0, 0, 360, 64, -1)
    for sign in (-1, 1):
        cv2.ellipse(out, (128 + sign * 80, 140), (26, 50), sign * 20, 0, 360, 128, -1)
        nose = np.array([[128, 20], [128 + sign * 20, 70], [128 + sign * 4, 78]], np.int32)
        cv2.fillPoly(out, [nose], 128)
    teeth, top = int(rng.integers(6, 13)), int(rng.integers(110, 140))
    high = int(rng.uniform(25, 45))
    cv2.rectangle(out, (60, top), (196, top + 2 * high), 128, -1)
    for k in range(teeth):
        x = 64 + k * 130 // teeth
        for y in (top + 2, top + high + 2):
            cv2.ellipse(
                out,
                (x + 65 // teeth, y + high // 2),
                (max(2, 55 // teeth), high // 2),
                0,
                0,
                360,
                192,
                -1,
            )


def _emblem(out: Tile, rng: Rng) -> None:
    """One big mark: letters, a figure, a flag's bars."""
    what = rng.random()
    if what < 0.4:
        word(
            out,
            (int(rng.integers(20, 110)), int(rng.integers(90, 190))),
            rng.uniform(25, 80),
            64,
            rng,
        )
    elif what < 0.75:
        for _ in range(int(rng.integers(1, 5))):
            figure(out, rng.uniform(60, 200, 2), rng.uniform(15, 60), rng)
    else:
        bars = int(rng.integers(2, 8))
        for k in range(bars):
            out[k * SIDE // bars : (k + 1) * SIDE // bars] = (
                64 * (k % 4 + rng.integers(0, 2))
            ) % 256
        if rng.random() < 0.5:
            out[:128, :120] = 128


@lru_cache(maxsize=FACES + 8)
def whole(index: int) -> Tile:
    """Return print number `index` (0..39): a (256, 256) picture that fills the whole mask."""
    rng = np.random.default_rng([72, index])
    out = np.zeros((SIDE, SIDE), np.uint8)
    if rng.random() < 0.4:
        out[ranked(spectrum(rng, 1.5, low=2, high=30)) < rng.uniform(0.1, 0.4)] = int(
            rng.choice([64, 255])
        )
    (_mouth, _skull, _emblem, _emblem)[index % 4](out, rng)
    return out


@lru_cache(maxsize=FACES + 8)
def mark(index: int) -> Tile:
    """Return a small logo's coverage, (64, 128) uint8, 255 where inked."""
    rng = np.random.default_rng([73, index])
    out = np.zeros((64, 128), np.uint8)
    if rng.random() < 0.3:
        cv2.rectangle(out, (4, 8), (124, 56), 255, -1 if rng.random() < 0.5 else 3)
        word(out, (14, 44), rng.uniform(18, 30), 0 if out[32, 6] else 255, rng)
    else:
        for row in range(int(rng.integers(1, 4))):
            word(out, (8, 20 + 18 * row), rng.uniform(9, 22), 255, rng)
        if rng.random() < 0.4:
            figure(out, np.array([98.0, 32.0]), 18, rng)
            out[out > 0] = 255
    return out
