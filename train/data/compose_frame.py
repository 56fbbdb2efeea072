"""A frame while it is composed, and the geometry of laying photographs into it."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from train.data.compose_parts import colour_table, head_polygon, shoulders
from train.data.patches import Patch
from unmask_live.vision.find import HEIGHT, WIDTH

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]
Rect = tuple[int, int, int, int]
"""x, y, width, height in the frame."""

MOST_FACES = 16
TILT = 40.0
"""Degrees a head may be turned in the plane."""
FACE, IGNORED = 1, 2
ASPECTS = (16 / 9, 16 / 9, 16 / 9, 4 / 3, 3 / 2, 1.0, 1.0, 3 / 4, 2 / 3, 9 / 16)


@dataclass
class Frame:
    """A composed frame while it is made.

    Attributes
    ----------
    image : (192, 320, 3) uint8; BGR while composing, RGB as `Composer.frame` returns it
    boxes, keypoints : (4,) and (5, 2) float32 of each face, pixels of the frame
    kinds : `FACE`, or `IGNORED` where too little shows to ask for it, too much to forbid it
    """

    image: Image
    boxes: list[Floats] = field(default_factory=list)
    keypoints: list[Floats] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)

    def add(self, patch: Patch, matrix: Floats, mirrored: bool, inside: Rect) -> None:
        """Note the face of a patch that was drawn through ``matrix``, seen only ``inside``."""
        outline = patch.outline @ matrix[:, :2].T + matrix[:, 2]
        five = patch.five @ matrix[:, :2].T + matrix[:, 2]
        if mirrored:
            five = five[[1, 0, 2, 4, 3]]
        low, high = outline.min(0), outline.max(0)
        x, y, w, h = inside
        seen = np.clip(np.minimum(high, [x + w, y + h]) - np.maximum(low, [x, y]), 0, None)
        share = float(np.prod(seen) / np.prod(high - low))
        middle = (low + high) / 2
        centred = x <= middle[0] < x + w and y <= middle[1] < y + h
        if share < 0.1 or len(self.kinds) >= MOST_FACES:
            return
        big = np.sqrt(np.prod(high - low)) >= 8.5
        eyes = five[:2]
        looks = bool(((eyes >= [x, y]) & (eyes < [x + w, y + h])).all(1).any())
        self.boxes.append(np.concatenate([low, high]).astype(np.float32))
        self.keypoints.append(five.astype(np.float32))
        self.kinds.append(FACE if share >= 0.5 and centred and big and looks else IGNORED)


def content_rect(rng: np.random.Generator) -> Rect:
    """Return where the frame's content lies: all of it, or between grey bars."""
    if rng.random() < 0.25:
        return 0, 0, WIDTH, HEIGHT
    aspect = float(ASPECTS[int(rng.integers(len(ASPECTS)))])
    if rng.random() < 0.3:
        aspect = float(np.exp(rng.uniform(np.log(0.5), np.log(2.2))))
    w, h = (WIDTH, round(WIDTH / aspect)) if aspect > WIDTH / HEIGHT else (
        round(HEIGHT * aspect), HEIGHT
    )  # fmt: skip
    return (WIDTH - w) // 2, (HEIGHT - h) // 2, w, h


def similarity(
    patch: Patch, scale: float, rng: np.random.Generator, *, spread: float
) -> tuple[Floats, bool]:
    """Return a (2, 3) turn, scale and perhaps mirror without a shift, and whether it mirrors.

    Turns are mostly small, up to `TILT` times ``spread`` for a third of them.
    """
    reach = TILT * spread if rng.random() < 0.35 else 10.0 * min(1.0, 2 * spread)
    angle = np.deg2rad(rng.uniform(-reach, reach))
    squeeze = float(np.exp(rng.normal(0, 0.05)))  # lenses and bad resizing
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    matrix = np.array([[cos * squeeze, sin, 0], [-sin * squeeze, cos, 0]], np.float32)
    mirrored = bool(rng.random() < 0.5)
    if mirrored:
        matrix[:, 0] *= -1
    return matrix, mirrored


def reduced(patch: Patch, matrix: Floats, scale: float) -> tuple[Image, Floats]:
    """Return the patch's pixels, reduced as far as ``scale`` allows, and the matrix for them."""
    image, factor = patch.decode(scale)
    local = matrix.astype(np.float32).copy()
    local[:, :2] *= factor
    local[:, 2] += local[:, :2] @ np.full(2, 0.5 - 0.5 / factor)  # pixel centres, not corners
    return image, local


def cut(patch: Patch, rng: np.random.Generator) -> list[Floats]:
    """Return convex polygons whose union is kept of the photograph, in its pixels."""
    low, high = patch.outline.min(0), patch.outline.max(0)
    if rng.random() < 0.3:
        before, after = rng.uniform(0.02, 0.9, 2), rng.uniform(0.02, 0.9, 2)
        (x0, y0), (x1, y1) = low - before * (high - low), high + after * (high - low)
        return [np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)]
    head = cv2.convexHull(head_polygon(patch.outline, rng))[:, 0]
    if rng.random() < 0.65:
        return [head, shoulders(patch.outline, patch.size[1] + 2.0, rng)]
    return [head]


def corners(patch: Patch) -> Floats:
    """Return the photograph's corners, (4, 2), in its pixels."""
    w, h = patch.size
    return np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)


def tinted(image: Image, rng: np.random.Generator) -> Image:
    """Return the picture in another light, two times in three."""
    if rng.random() < 0.33:
        return image.astype(np.uint8, copy=False)
    return cv2.LUT(image, colour_table(rng, 0.8)).astype(np.uint8, copy=False)


def apart(spot: NDArray[np.floating], radius: float, box: Floats) -> bool:
    """Whether a face around ``spot`` leaves the one in ``box`` nearly whole."""
    middle = (box[:2] + box[2:]) / 2
    other = float((box[2:] - box[:2]).max()) * 0.62
    return float(np.abs(spot - middle).max()) > radius + other
