"""Frames with known faces for the finder, composed in a few milliseconds each.

A frame is one of: a photograph cut to some shape and blown up until the face fills it or leaves it
(as a file that is a portrait), a mosaic of photographs (as a video call), faces cut out and pasted
on a scene, or no face at all. What lies around it is the letterbox's grey, as at run time, and a
bad camera looks at most of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from train.data.compose_parts import colour_table, distract, head_polygon, shoulders, spoil
from train.data.patches import Bank, Patch
from train.data.scenes import draw_part, gradient
from unmask_live.vision.find import GREY, HEIGHT, WIDTH

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]
Rect = tuple[int, int, int, int]
"""x, y, width, height in the frame."""

MOST_FACES = 16
KINDS = (("photo", 0.36), ("mosaic", 0.14), ("paste", 0.38), ("empty", 0.12))
SIZES = (10.0, 150.0)
"""Smallest and largest size of a pasted face, pixels of the frame (square root of its box)."""
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


class Composer:
    """Draws frames from a bank of faces and a list of scenes.

    Parameters
    ----------
    bank : faces, masked and bare
    scenes : HxWx3 uint8 RGB pictures without faces
    """

    def __init__(self, bank: Bank, scenes: list[Image]) -> None:
        self.bank = bank
        self.scenes = [np.ascontiguousarray(s[:, :, ::-1]) for s in scenes]
        grain = np.random.default_rng(0).normal(0, 1, (2 * HEIGHT, 2 * WIDTH, 3))
        self._noise = grain.astype(np.float32)

    def frame(self, rng: np.random.Generator) -> Frame:
        """Return a new frame, RGB, with its faces."""
        out = Frame(np.full((HEIGHT, WIDTH, 3), GREY, np.uint8))
        content = _content(rng)
        kind = str(rng.choice([k for k, _ in KINDS], p=[p for _, p in KINDS]))
        if kind == "photo":
            self._photo(out, content, rng)
        elif kind == "mosaic":
            self._mosaic(out, content, rng)
        else:
            self._background(out, content, rng)
            for _ in range(int(rng.integers(1, 6)) if kind == "paste" else 0):
                self._paste(out, content, rng)
            if kind == "empty" and rng.random() < 0.3:
                self._faceless(out, content, rng)
        x, y, w, h = content
        inner = out.image[y : y + h, x : x + w]
        out.image[y : y + h, x : x + w] = spoil(np.ascontiguousarray(inner), self._noise, rng)
        out.image = np.ascontiguousarray(out.image[:, :, ::-1])
        return out

    def _background(self, out: Frame, rect: Rect, rng: np.random.Generator) -> None:
        """Fill a rectangle with something without a face."""
        x, y, w, h = rect
        view = out.image[y : y + h, x : x + w]
        choice = rng.random()
        if choice < 0.68:
            view[:] = draw_part(self.scenes, (w, h), rng)
        elif choice < 0.82:
            view[:] = gradient((w, h), rng)
        else:
            view[:] = self._surroundings((w, h), rng)
        if rng.random() < 0.25:
            view[:] = cv2.GaussianBlur(view, (0, 0), float(rng.uniform(1, 6)))
        for _ in range(int(rng.poisson(0.9))):
            distract(view, rng)

    def _surroundings(self, size: tuple[int, int], rng: np.random.Generator) -> Image:
        """Return a part of a photograph that its face is not in: hair, clothes, hands, walls."""
        for _ in range(6):
            patch = self.bank.draw(rng)
            image, factor = patch.decode(1.0)
            height, width = image.shape[:2]
            low, high = patch.outline.min(0) / factor, patch.outline.max(0) / factor
            margin = 0.06 * (high - low)
            spans = [
                (0, 0, width, low[1] - margin[1]),
                (0, high[1] + margin[1], width, height),
                (0, 0, low[0] - margin[0], height),
                (high[0] + margin[0], 0, width, height),
            ]
            wide = [s for s in spans if s[2] - s[0] >= 24 and s[3] - s[1] >= 24]
            if not wide or patch.source in ("lfw", "rmfd"):  # they show bystanders
                continue
            x0, y0, x1, y1 = (int(v) for v in wide[int(rng.integers(len(wide)))])
            return draw_part([image[y0:y1, x0:x1]], size, rng)
        return gradient(size, rng)

    def _photo(self, out: Frame, rect: Rect, rng: np.random.Generator) -> None:
        """Fill a rectangle with one photograph; its face may fill it, or be cut by its edge."""
        x, y, w, h = rect
        patch = self.bank.draw(rng)
        cover = max(w / patch.size[0], h / patch.size[1]) * patch.face_width
        most = max(1.25 * min(h, 1.3 * w), cover * 1.05)
        size = float(np.exp(rng.uniform(np.log(min(cover, 0.95 * most)), np.log(most))))
        if rng.random() < 0.2:  # smaller than covers: the rest is an edge repeated, or a scene
            size *= float(rng.uniform(0.4, 0.9))
        scale = size / patch.face_width
        matrix, mirrored = _similarity(patch, scale, rng, spread=0.45)
        centre = patch.outline.mean(0) @ matrix[:, :2].T
        shown = np.array(patch.size) * scale
        loose = 0.32 * np.clip(1.35 - size / np.array([w, h]), 0.2, 1)
        want = np.array([w, h]) * (0.5 + rng.uniform(-loose, loose))
        if rng.random() < 0.8:  # keep the photograph's edges out where that is possible
            start = centre - np.array(patch.size) / 2 @ matrix[:, :2].T + shown / 2
            room = np.minimum(0, [w, h] - shown), np.maximum(0, [w, h] - shown)
            want = np.clip(want - start, *room) + start
        want = np.clip(want, 0.02 * np.array([w, h]), 0.98 * np.array([w, h]))
        matrix[:, 2] = want - centre
        image, local = _reduced(patch, matrix, scale)
        covered = rng.random() < 0.5
        border = cv2.BORDER_REPLICATE if covered else cv2.BORDER_CONSTANT
        if covered:
            warped = cv2.warpAffine(image, local, (w, h), borderMode=border)
        else:
            self._background(out, rect, rng)
            warped = np.ascontiguousarray(out.image[y : y + h, x : x + w])
            cv2.warpAffine(image, local, (w, h), warped, borderMode=cv2.BORDER_TRANSPARENT)
        out.image[y : y + h, x : x + w] = _tinted(warped, rng)
        matrix[:, 2] += [x, y]
        out.add(patch, matrix, mirrored, rect)

    def _mosaic(self, out: Frame, rect: Rect, rng: np.random.Generator) -> None:
        """Cut a rectangle into a grid of photographs, some cells without a face."""
        x, y, w, h = rect
        columns, rows = ((2, 1), (2, 2), (3, 2), (3, 1), (4, 3), (1, 2), (4, 2), (5, 3))[
            int(rng.integers(8))
        ]
        gap = int(rng.integers(0, 5))
        for row in range(rows):
            for column in range(columns):
                left, top = x + column * w // columns, y + row * h // rows
                right, bottom = x + (column + 1) * w // columns, y + (row + 1) * h // rows
                cell = left, top, right - left - gap, bottom - top - gap
                if cell[2] < 12 or cell[3] < 12 or rng.random() < 0.12:
                    continue
                if rng.random() < 0.8:
                    self._photo(out, cell, rng)
                else:
                    self._background(out, cell, rng)

    def _paste(self, out: Frame, rect: Rect, rng: np.random.Generator) -> None:
        """Cut one face out softly and lay it where there is room; without room, do nothing."""
        x, y, w, h = rect
        patch = self.bank.draw(rng)
        most = min(SIZES[1], 1.1 * h)
        size = float(np.exp(rng.uniform(np.log(SIZES[0]), np.log(max(most, 12.0)))))
        scale = size / patch.face_width
        matrix, mirrored = _similarity(patch, scale, rng, spread=1.0)
        centre = patch.outline.mean(0) @ matrix[:, :2].T
        for _ in range(8):
            spot = np.array([x, y]) + np.array([w, h]) * rng.uniform(0.02, 0.98, 2)
            radius = 0.75 * size
            if all(_apart(spot, radius, box) for box in out.boxes):
                break
        else:
            return
        matrix[:, 2] = spot - centre
        self._blend(out, rect, patch, matrix, scale, rng)
        out.add(patch, matrix, mirrored, rect)

    def _blend(
        self,
        out: Frame,
        rect: Rect,
        patch: Patch,
        matrix: Floats,
        scale: float,
        rng: np.random.Generator,
    ) -> None:
        """Lay the patch into the frame through a soft matte, touching only where it lies."""
        polygons = _cut(patch, rng)
        moved = [p @ matrix[:, :2].T + matrix[:, 2] for p in polygons]
        size = scale * patch.face_width
        soft = float(rng.choice([0.0, rng.uniform(0.3, 1.2), size * rng.uniform(0.01, 0.07)]))
        around = np.concatenate(moved)
        low = np.maximum(np.floor(around.min(0) - 2 * soft - 1), rect[:2]).astype(int)
        end = np.array(rect[:2]) + rect[2:]
        high = np.minimum(np.ceil(around.max(0) + 2 * soft + 1), end).astype(int)
        w, h = (int(v) for v in high - low)
        if w < 2 or h < 2:
            return
        image, local = _reduced(patch, matrix, scale)
        local[:, 2] -= low
        matte = np.zeros((h, w), np.uint8)
        for polygon in moved:
            points = np.round((polygon - low) * 16).astype(np.int32)
            cv2.fillConvexPoly(matte, points, 255, cv2.LINE_AA, 4)
        frame = _corners(patch) @ matrix[:, :2].T + matrix[:, 2] - low
        ends = np.zeros((h, w), np.uint8)  # the photograph's own edge
        cv2.fillConvexPoly(ends, np.round(frame * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
        matte = cv2.min(matte, ends)
        if soft:
            matte = cv2.GaussianBlur(matte, (0, 0), soft)
        weight = matte.astype(np.float32) * np.float32(1 / 255)
        warped = cv2.warpAffine(image, local, (w, h), borderMode=cv2.BORDER_REPLICATE)
        view = out.image[low[1] : high[1], low[0] : high[0]]
        under = np.ascontiguousarray(view)
        view[:] = cv2.blendLinear(_tinted(warped, rng), under, weight, 1 - weight)

    def _faceless(self, out: Frame, rect: Rect, rng: np.random.Generator) -> None:
        """Paste a head whose face is covered: hair and shoulders alone are no face."""
        before = Frame(out.image)
        patch = self.bank.draw(rng)
        size = float(np.exp(rng.uniform(np.log(16), np.log(120))))
        scale = size / patch.face_width
        matrix, _ = _similarity(patch, scale, rng, spread=0.6)
        spot = np.array(rect[:2]) + np.array(rect[2:]) * rng.uniform(0.2, 0.8, 2)
        matrix[:, 2] = spot - patch.outline.mean(0) @ matrix[:, :2].T
        self._blend(before, rect, patch, matrix, scale, rng)
        oval = patch.outline[:36] @ matrix[:, :2].T + matrix[:, 2]
        oval = (oval - oval.mean(0)) * rng.uniform(1.05, 1.25) + oval.mean(0)
        cover = np.zeros((HEIGHT, WIDTH), np.uint8)
        cv2.fillConvexPoly(cover, np.round(oval).astype(np.int32), 255, cv2.LINE_AA)
        x, y, w, h = rect
        keep = np.zeros_like(cover)
        keep[y : y + h, x : x + w] = 255
        texture = draw_part(self.scenes, (WIDTH, HEIGHT), rng)
        if rng.random() < 0.6:
            texture = gradient((WIDTH, HEIGHT), rng)
        np.copyto(out.image, texture, where=(cv2.min(cover, keep) > 127)[:, :, None])


def _content(rng: np.random.Generator) -> Rect:
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


def _similarity(
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


def _reduced(patch: Patch, matrix: Floats, scale: float) -> tuple[Image, Floats]:
    """Return the patch's pixels, reduced as far as ``scale`` allows, and the matrix for them."""
    image, factor = patch.decode(scale)
    local = matrix.astype(np.float32).copy()
    local[:, :2] *= factor
    local[:, 2] += local[:, :2] @ np.full(2, 0.5 - 0.5 / factor)  # pixel centres, not corners
    return image, local


def _cut(patch: Patch, rng: np.random.Generator) -> list[Floats]:
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


def _corners(patch: Patch) -> Floats:
    w, h = patch.size
    return np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)


def _tinted(image: Image, rng: np.random.Generator) -> Image:
    """Return the picture in another light, two times in three."""
    if rng.random() < 0.33:
        return image.astype(np.uint8, copy=False)
    return cv2.LUT(image, colour_table(rng, 0.8)).astype(np.uint8, copy=False)


def _apart(spot: NDArray[np.floating], radius: float, box: Floats) -> bool:
    """Whether a face around ``spot`` leaves the one in ``box`` nearly whole."""
    middle = (box[:2] + box[2:]) / 2
    other = float((box[2:] - box[:2]).max()) * 0.62
    return float(np.abs(spot - middle).max()) > radius + other
