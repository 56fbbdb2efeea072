"""What ``unmask-live bench`` measures: the pictures it composes and the clocks it reads."""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from unmask_live import Unmasker, UserError
from unmask_live.pipeline import run_file
from unmask_live.runtime import open_engine
from unmask_live.types import Frame, Image
from unmask_live.unmasker import STAGES, Seen
from unmask_live.video.clip import ClipFrame
from unmask_live.video.convert import convert_video
from unmask_live.video.source import VideoSource
from unmask_live.vision.finders import open_finder

SIZE = (1280, 720)
WARM_UP = 8
"""Frames run before the clock counts: caches fill, tracks form."""
CLIP_FRAMES = 90
STEP = 1 / 30

Figures = dict[str, Any]


def read_frames(clip: Path, most: int = CLIP_FRAMES) -> list[Image]:
    """Decode up to ``most`` frames of a clip, scaled to 1280×720 if they are not."""
    pictures: list[Image] = []
    with VideoSource(clip) as source:
        for item in source:
            if isinstance(item, ClipFrame):
                pictures.append(_resized(item.image))
            if len(pictures) == most:
                break
    if not pictures:
        raise UserError(f"{clip} holds no frames to measure with: reinstall unmask-live")
    return pictures


def face_centre(unmasker: Unmasker, pictures: Sequence[Image]) -> tuple[float, float]:
    """Return the middle (x, y) of the largest face over some frames; the frame's if none."""
    centres = []
    for picture in pictures[:: max(1, len(pictures) // 8)]:
        unmasker.reset()
        faces = unmasker(picture).faces
        if faces:
            x0, y0, x1, y1 = max(faces, key=lambda face: face.box[2] - face.box[0]).box
            centres.append(((x0 + x1) / 2, (y0 + y1) / 2))
    if not centres:
        return SIZE[0] / 2, SIZE[1] / 2
    middle = np.median(np.array(centres), axis=0)
    return float(middle[0]), float(middle[1])


def compose(pictures: Sequence[Image], faces: int, centre: tuple[float, float]) -> list[Image]:
    """Return 720p frames with 1, 2 or 4 of the clip's face.

    Two: the half frame around the face, side by side, at its size. Four: the whole frame at half
    size, in the quarters. Neighbours are a few frames apart, so that they are not twins.
    """
    width, height = SIZE
    count = len(pictures)
    if faces == 1:
        return list(pictures)
    if faces == 2:
        x = int(np.clip(centre[0] - width / 4, 0, width / 2))
        halves = [picture[:, x : x + width // 2] for picture in pictures]
        return [np.hstack([halves[i], halves[(i + 5) % count]]) for i in range(count)]
    if faces != 4:
        raise ValueError(f"faces: got {faces}, wanted 1, 2 or 4")
    half = (width // 2, height // 2)
    small = [cv2.resize(p, half, interpolation=cv2.INTER_AREA).astype(np.uint8) for p in pictures]
    tiles = [[small[(i + 5 * k) % count] for k in range(4)] for i in range(count)]
    return [np.vstack([np.hstack(four[:2]), np.hstack(four[2:])]) for four in tiles]


def time_engine(name: str, backend: str, seconds: float, runs: int | None) -> Figures:
    """Time one network alone on noise: milliseconds, median and 95th percentile."""
    rng = np.random.default_rng(0)
    with open_engine(name, backend=backend) as engine:
        inputs = {key: rng.random(shape, np.float32) for key, shape in engine.inputs.items()}
        return time_calls(lambda: engine(**inputs), seconds, runs)


def time_finder(
    name: str, backend: str, picture: Image, seconds: float, runs: int | None
) -> Figures:
    """Time a finder from a 720p picture to its faces: milliseconds, and how many it saw."""
    finder = open_finder(name, partial(open_engine, backend=backend))
    try:
        figures = time_calls(lambda: finder(picture), seconds, runs)
        return {"faces": len(finder(picture)), "backend": finder.backend, **figures}
    finally:
        finder.close()


def time_calls(call: Callable[[], object], seconds: float, runs: int | None) -> Figures:
    """Time a call so many times, or as often as fits into some seconds, after a warm-up."""
    for _ in range(WARM_UP):
        call()
    spent: list[float] = []
    end = time.perf_counter() + seconds
    while len(spent) < runs if runs else time.perf_counter() < end or not spent:
        start = time.perf_counter()
        call()
        spent.append((time.perf_counter() - start) * 1e3)
    return {"runs": len(spent), **figures_of(spent)}


def time_frames(
    unmasker: Unmasker, pictures: Sequence[Image], faces: int, seconds: float, most: int | None
) -> Figures:
    """Time the whole chain, frame in to frame out, playing the pictures to and fro.

    A stage's median and 95th percentile are those of the frames in which it ran; its mean is spread
    over all frames.
    """
    there_and_back = _to_and_fro(pictures)
    unmasker.reset()
    whole: list[float] = []
    stages: dict[str, list[float]] = {stage: [] for stage in STAGES}
    seen, masked = [], []
    index, end = 0, 0.0
    while True:
        if index == WARM_UP:
            end = time.perf_counter() + seconds
        if len(whole) >= most if most else index > WARM_UP and time.perf_counter() >= end:
            break
        start = time.perf_counter()
        result = unmasker(there_and_back[index % len(there_and_back)], index * STEP)
        spent = (time.perf_counter() - start) * 1e3
        if index >= WARM_UP:
            whole.append(spent)
            for stage, values in stages.items():
                values.append(result.milliseconds[stage])
            seen.append(len(result.faces))
            masked.append(sum(face.masked for face in result.faces))
        index += 1
    return {
        "faces": faces,
        "found": float(np.mean(seen)),
        "masked": float(np.mean(masked)),
        "frames": len(whole),
        "fps": 1e3 / float(np.mean(whole)),
        "whole": figures_of(whole),
        "stages": {stage: _stage_figures(values) for stage, values in stages.items()},
    }


def frames_a_second(
    unmasker: Unmasker, pictures: Sequence[Image], seconds: float, most: int | None
) -> float:
    """Return frames a second with the two halves of the work side by side, as files run.

    Parameters
    ----------
    unmasker : opened for that
    """
    there_and_back = _to_and_fro(pictures)
    unmasker.reset()
    begun = end = 0.0
    done = 0

    def source() -> Iterator[tuple[Image, float]]:
        nonlocal begun, end
        for index in itertools.count():
            if index == WARM_UP:
                begun = time.perf_counter()
                end = begun + seconds
            over = index >= WARM_UP + most if most else time.perf_counter() >= end
            if index > WARM_UP and over:
                return
            yield there_and_back[index % len(there_and_back)], index * STEP

    def write(_: object) -> None:
        nonlocal done
        done += 1

    run_file(source(), unmasker.fill, write, see=lambda item: unmasker.see(*item), depth=1)
    return (done - WARM_UP) / (time.perf_counter() - begun)


def time_file(unmasker: Unmasker, clip: Path) -> Figures:
    """Time the file command's whole way once: decode, unmask and encode side by side."""
    unmasker.reset()

    def process(_: Frame, seen: Seen) -> Image:
        return unmasker.fill(seen).image

    def see(frame: Frame) -> Seen:
        return unmasker.see(frame.image, frame.seconds)

    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        report = convert_video(clip, Path(folder) / "bench.mp4", process, see=see)
        spent = time.perf_counter() - start
    return {"frames": report.frames, "seconds": spent, "fps": report.frames / spent}


def figures_of(spent: Sequence[float]) -> Figures:
    """Return median and 95th percentile of some milliseconds."""
    return {
        "median_ms": float(np.median(spent)),
        "p95_ms": float(np.percentile(spent, 95)),
    }


def _stage_figures(spent: Sequence[float]) -> Figures:
    ran = [milliseconds for milliseconds in spent if milliseconds > 0] or [0.0]
    return {**figures_of(ran), "mean_ms": float(np.mean(spent))}


def _to_and_fro(pictures: Sequence[Image]) -> list[Image]:
    """Return the pictures there and back: no jump where they start over."""
    return [*pictures, *pictures[-2:0:-1]]


def _resized(image: Image) -> Image:
    if (image.shape[1], image.shape[0]) == SIZE:
        return image
    return cv2.resize(image, SIZE, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
