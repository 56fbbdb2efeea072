"""Frames with known faces for the finder, composed in a few milliseconds each.

A frame is one of: a photograph cut to some shape and blown up until the face fills it or leaves it
(as a file that is a portrait), a mosaic of photographs (as a video call), faces cut out and pasted
on a scene, or no face at all. What lies around it is the letterbox's grey, as at run time, and a
bad camera looks at most of them.
"""

from __future__ import annotations

import cv2
import numpy as np

from train.data.compose_frame import (
    FACE,
    IGNORED,
    MOST_FACES,
    Floats,
    Frame,
    Image,
    Rect,
    apart,
    content_rect,
    corners,
    cut,
    reduced,
    similarity,
    tinted,
)
from train.data.compose_parts import distract, spoil
from train.data.patches import Bank, Patch
from train.data.scenes import draw_part, gradient
from unmask_live.vision.find import GREY, HEIGHT, WIDTH

__all__ = ["FACE", "IGNORED", "KINDS", "MOST_FACES", "SIZES", "Composer", "Frame"]

KINDS = (("photo", 0.34), ("mosaic", 0.13), ("paste", 0.33), ("empty", 0.20))
SIZES = (10.0, 150.0)
"""Smallest and largest size of a pasted face, pixels of the frame (square root of its box)."""


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
        content = content_rect(rng)
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
        matrix, mirrored = similarity(patch, scale, rng, spread=0.45)
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
        image, local = reduced(patch, matrix, scale)
        covered = rng.random() < 0.5
        border = cv2.BORDER_REPLICATE if covered else cv2.BORDER_CONSTANT
        if covered:
            warped = cv2.warpAffine(image, local, (w, h), borderMode=border)
        else:
            self._background(out, rect, rng)
            warped = np.ascontiguousarray(out.image[y : y + h, x : x + w])
            cv2.warpAffine(image, local, (w, h), warped, borderMode=cv2.BORDER_TRANSPARENT)
        out.image[y : y + h, x : x + w] = tinted(warped, rng)
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
        matrix, mirrored = similarity(patch, scale, rng, spread=1.0)
        centre = patch.outline.mean(0) @ matrix[:, :2].T
        for _ in range(8):
            spot = np.array([x, y]) + np.array([w, h]) * rng.uniform(0.02, 0.98, 2)
            radius = 0.75 * size
            if all(apart(spot, radius, box) for box in out.boxes):
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
        polygons = cut(patch, rng)
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
        image, local = reduced(patch, matrix, scale)
        local[:, 2] -= low
        matte = np.zeros((h, w), np.uint8)
        for polygon in moved:
            points = np.round((polygon - low) * 16).astype(np.int32)
            cv2.fillConvexPoly(matte, points, 255, cv2.LINE_AA, 4)
        frame = corners(patch) @ matrix[:, :2].T + matrix[:, 2] - low
        ends = np.zeros((h, w), np.uint8)  # the photograph's own edge
        cv2.fillConvexPoly(ends, np.round(frame * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
        matte = cv2.min(matte, ends)
        if soft:
            matte = cv2.GaussianBlur(matte, (0, 0), soft)
        weight = matte.astype(np.float32) * np.float32(1 / 255)
        warped = cv2.warpAffine(image, local, (w, h), borderMode=cv2.BORDER_REPLICATE)
        view = out.image[low[1] : high[1], low[0] : high[0]]
        under = np.ascontiguousarray(view)
        view[:] = cv2.blendLinear(tinted(warped, rng), under, weight, 1 - weight)

    def _faceless(self, out: Frame, rect: Rect, rng: np.random.Generator) -> None:
        """Paste a head whose face is covered: hair and shoulders alone are no face."""
        before = Frame(out.image)
        patch = self.bank.draw(rng)
        size = float(np.exp(rng.uniform(np.log(16), np.log(120))))
        scale = size / patch.face_width
        matrix, _ = similarity(patch, scale, rng, spread=0.6)
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
