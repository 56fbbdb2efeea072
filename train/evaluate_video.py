"""Steadiness over time: masks painted on clips of bare talking heads, and on still pictures.

``e_warp`` is measured inside what was replaced, along the optical flow of the true video, beside
the true video's own in the same pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from train import grid, video_metrics
from train.evaluation_page import Table
from train.video_clip import Clip, Painted, frames, still
from unmask_live import Unmasker
from unmask_live.types import Face, Floats, Image
from unmask_live.vision import align

SETTLE, STILL_FRAMES = 15, 60
"""Frames of a still picture left out at its beginning, and measured after them."""
_MARGIN = 24
"""Pixels around what was replaced in which flow is measured too."""
_STRIP = 8


@dataclass
class _Sums:
    """What a moving clip adds up to."""

    ours: list[float] = field(default_factory=list)
    true: list[float] = field(default_factory=list)
    covered: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    eyes: list[tuple[Floats, Floats, float]] = field(default_factory=list)
    frames: int = 0
    replaced: int = 0

    def row(self) -> dict[str, float]:
        """Return the figures; NaN where nothing was replaced."""
        ours, true = _mean(self.ours), _mean(self.true)
        found, truth, seconds = (
            np.array(column) for column in zip(*self.eyes, strict=True)
        ) if self.eyes else (np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0))  # fmt: skip
        return {
            "e_warp": ours,
            "true e_warp": true,
            "ratio": ours / true if true > 0 else float("nan"),
            "unmasked": self.replaced / max(self.frames, 1),
            "covered": _mean(self.covered),
            "eyes off": _mean(self.errors),
            "lag ms": 1e3 * video_metrics.lag(found, truth, seconds),
            "frames": float(self.frames),
        }


def evaluate(
    clips: Iterable[Clip], unmasker: Unmasker, *, most: int | None = None, sheet: Path | None = None
) -> Table:
    """Return a row for each moving clip, one for all, and the same for the still pictures.

    Parameters
    ----------
    unmasker : forgets its faces before each clip
    most : frames of each clip at most
    sheet : where to write a strip of each clip: truth, masked, result

    Returns
    -------
    Moving: ``e_warp`` and ``true e_warp`` (Lai et al. 2018, inside what was replaced), their
    ``ratio``; the share of frames ``unmasked`` and of the drawn mask ``covered``; ``eyes off``,
    the mean distance of our eyes to the labelled ones over their distance; ``lag ms`` of the
    crop, negative where it is ahead.
    Still: ``flicker`` of the fill, RMS over time, grey levels; ``jitter px`` of the crop.
    """
    moving, calm, strips = {}, {}, []
    total = _Sums()
    for clip in clips:
        sums, strip = _measure_moving(frames(clip, most), unmasker)
        moving[f"{clip.path.stem}, {clip.kind}"] = sums.row()
        for each in ("ours", "true", "covered", "errors"):
            getattr(total, each).extend(getattr(sums, each))
        total.frames += sums.frames
        total.replaced += sums.replaced
        calm[f"still of {clip.path.stem}, {clip.kind}"] = _measure_still(clip, unmasker)
        strips.append(strip)
    if not moving:
        return {}
    whole = total.row() | {"lag ms": _mean([r["lag ms"] for r in moving.values()])}
    rest = {key: _rms([row[key] for row in calm.values()]) for key in ("flicker", "jitter px")}
    if sheet is not None:
        grid.write(sheet, grid.grid(strips, columns=1))
    return {**moving, "all clips": whole, **calm, "all stills": rest}


def _measure_moving(shown: Iterator[Painted], unmasker: Unmasker) -> tuple[_Sums, list[Image]]:
    """Run through a clip; return its sums and `_STRIP` pictures: truth, masked, result in each."""
    unmasker.reset()
    sums = _Sums()
    strip: list[Image] = []
    before: tuple[Painted, Image, Floats] | None = None
    for index, frame in enumerate(shown):
        result = unmasker(frame.image, frame.seconds)
        face = _nearest(result.faces, frame.five)
        alpha = _in_frame(face, frame.image.shape[:2])
        sums.frames += 1
        sums.replaced += int(alpha.any())
        sums.covered.append(float(alpha[frame.matte > 0.5].mean()) if frame.matte.any() else 0.0)
        if face is not None:
            wide = float(np.linalg.norm(frame.five[1] - frame.five[0]))
            off = np.linalg.norm(face.keypoints[:2] - frame.five[:2], axis=1).mean()
            sums.errors.append(float(off) / wide)
            here = align.apply(align.invert(face.transform), np.array([align.EYES], np.float32))
            sums.eyes.append((here[0], frame.five[:2].mean(0), frame.seconds))
        if before is not None:
            _compare(before, (frame, result.image, alpha), sums)
        before = frame, result.image, alpha
        if index % 20 == 0 and len(strip) < _STRIP:
            view = align.similarity(frame.five)
            crops = [align.crop(i, view) for i in (frame.truth, frame.image, result.image)]
            strip.append(np.concatenate(crops, 0))
    blank = np.full((3 * align.CROP, align.CROP, 3), 255, np.uint8)
    return sums, [*strip, *[blank] * (_STRIP - len(strip))]


def _compare(
    before: tuple[Painted, Image, Floats], now: tuple[Painted, Image, Floats], sums: _Sums
) -> None:
    """Add the warping errors of two frames in a row."""
    both = np.maximum(before[2], now[2])
    x, y, w, h = cv2.boundingRect((both > 0).astype(np.uint8))
    if w == 0:
        return
    part = (
        slice(max(0, y - _MARGIN), y + h + _MARGIN),
        slice(max(0, x - _MARGIN), x + w + _MARGIN),
    )
    way = video_metrics.flow(before[0].truth[part], now[0].truth[part])
    inside = (now[2][part] > 0.5) & (video_metrics.warp(before[2][part], way.back) > 0.5) & way.seen
    ours, count = video_metrics.warp_error(before[1][part], now[1][part], way.back, inside)
    if count:
        true, _ = video_metrics.warp_error(
            before[0].truth[part], now[0].truth[part], way.back, inside
        )
        sums.ours.append(ours)
        sums.true.append(true)


def _measure_still(clip: Clip, unmasker: Unmasker) -> dict[str, float]:
    """Return flicker and jitter of a still picture with camera noise."""
    unmasker.reset()
    greys, alphas, transforms = [], [], []
    for index, frame in enumerate(still(clip, SETTLE + STILL_FRAMES)):
        result = unmasker(frame.image, frame.seconds)
        face = _nearest(result.faces, frame.five)
        if index < SETTLE or face is None:
            continue
        greys.append(cv2.cvtColor(result.image, cv2.COLOR_RGB2GRAY))
        alphas.append(_in_frame(face, frame.image.shape[:2]))
        transforms.append(face.transform)
    if not greys:
        return {"flicker": float("nan"), "jitter px": float("nan"), "frames": 0.0}
    always: NDArray[np.bool_] = np.min(alphas, axis=0) > 0.5
    return {
        "flicker": video_metrics.flicker(np.asarray(greys, np.float32), always),
        "jitter px": video_metrics.jitter(np.asarray(transforms)),
        "frames": float(len(greys)),
    }


def _nearest(faces: tuple[Face, ...], five: Floats) -> Face | None:
    """Return the face whose eyes are within an eye distance of the labelled ones."""
    wide = float(np.linalg.norm(five[1] - five[0]))
    away = [float(np.linalg.norm(f.keypoints[:2].mean(0) - five[:2].mean(0))) for f in faces]
    return faces[int(np.argmin(away))] if away and min(away) < wide else None


def _in_frame(face: Face | None, shape: tuple[int, ...]) -> Floats:
    """Return what was replaced, H×W float32 in 0..1, in the frame's pixels."""
    if face is None or not face.matte.any():
        return np.zeros(shape[:2], np.float32)
    back = align.invert(face.transform)
    return np.asarray(cv2.warpAffine(face.matte, back, (shape[1], shape[0])), np.float32)


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _rms(values: list[float]) -> float:
    return float(np.sqrt(np.mean(np.square(values))))
