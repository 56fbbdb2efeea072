"""Scores and pictures of the finder on composed frames, whose faces are known exactly."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from train.data.compose import FACE, Frame
from unmask_live.vision.find import decode

Outputs = list[tuple[NDArray[np.float32], NDArray[np.float32]]]


def overlaps(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the (N, M) intersection over union of (N, 4) and (M, 4) boxes."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = [np.prod(np.clip(c[:, 2:] - c[:, :2], 0, None), axis=1) for c in (a, b)]
    union = areas[0][:, None] + areas[1][None] - shared
    return np.asarray(shared / np.maximum(union, 1e-9), np.float64)


def score(frames: list[Frame], outputs: Outputs, threshold: float) -> dict[str, float]:
    """Return recall, false finds a frame, and keypoint error over the true eye distance."""
    asked, hit, false, errors = 0, 0, 0, []
    for frame, (heat, geometry) in zip(frames, outputs, strict=True):
        boxes, points, _ = decode(heat, geometry, threshold)
        truth = np.array(frame.boxes, np.float32).reshape(-1, 4)
        match = overlaps(truth, boxes) >= 0.4
        for i, kind in enumerate(frame.kinds):
            if kind != FACE:
                continue
            asked += 1
            if match[i].any():
                hit += 1
                true = frame.keypoints[i]
                eyes = max(1.0, float(np.linalg.norm(true[1] - true[0])))
                best = points[int(match[i].argmax())]
                errors.append(float(np.linalg.norm(best - true, axis=1).mean()) / eyes)
        false += int((~match.any(0)).sum())
    return {
        "recall": hit / max(1, asked),
        "false": false / max(1, len(frames)),
        "points": float(np.mean(errors)) if errors else float("nan"),
    }


def draw(frames: list[Frame], outputs: Outputs, threshold: float) -> NDArray[np.uint8]:
    """Return a sheet, five frames wide: truth in white, finds in green, keypoints in yellow."""
    cells = []
    for frame, (heat, geometry) in zip(frames, outputs, strict=True):
        image = frame.image.copy()
        for box in frame.boxes:
            x0, y0, x1, y1 = (int(v) for v in box)
            cv2.rectangle(image, (x0, y0), (x1, y1), (255, 255, 255), 1)
        boxes, points, scores = decode(heat, geometry, threshold)
        for box, five, sure in zip(boxes, points, scores, strict=True):
            x0, y0, x1, y1 = (int(v) for v in box)
            cv2.rectangle(image, (x0, y0), (x1, y1), (0, 255, 0), 1)
            cv2.putText(image, f"{sure:.2f}", (x0, y1 - 2), 0, 0.35, (0, 255, 0))
            for x, y in five:
                cv2.circle(image, (int(x), int(y)), 1, (255, 255, 0), -1)
        cells.append(image)
    while len(cells) % 5:
        cells.append(np.zeros_like(cells[0]))
    rows = [np.hstack(cells[i : i + 5]) for i in range(0, len(cells), 5)]
    return np.vstack(rows).astype(np.uint8, copy=False)
