"""Bare talking heads with a mask painted on in every frame: a truth for each picture of a clip.

The same drawing is repeated from the same seed on each frame's own landmarks, so it sticks to the
face as cloth does. A drawing can take another course when the head turns (a loop goes behind it);
a seed is taken whose drawing does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from train.data.landmarks import Landmarks
from train.masks import KINDS, Masked, lay_out, put_on
from train.video_labels import CACHE, Marks, clips, load, seen
from unmask_live.types import Floats, Image

NOISE = 2.0
"""Standard deviation of the camera noise added to a still picture, levels of 255."""
STILL_RATE = 30
_SEEDS = 40


@dataclass(frozen=True)
class Painted:
    """One frame of a masked clip.

    Attributes
    ----------
    truth, image : H×W×3 uint8 RGB, bare and masked
    matte : H×W float32, 0..1, the mask's exact coverage
    five : (5, 2) float32, true keypoints in `Detection` order, pixels
    seconds : when it is shown
    """

    truth: Image
    image: Image
    matte: Floats
    five: Floats
    seconds: float


@dataclass(frozen=True)
class Clip:
    """A clip, its landmarks and the mask that its face wears."""

    path: Path
    marks: Marks
    kind: str
    seed: int


def read_clips(data: Path, cache: Path = CACHE) -> list[Clip]:
    """Return the clips of a data folder; the kinds of mask take turns.

    Raises
    ------
    train.video_labels.NoLabelsError
        when landmarks are missing and cannot be made here
    """
    out = []
    for number, path in enumerate(clips(data)):
        marks, kind = load(path, cache), KINDS[number % len(KINDS)]
        out.append(Clip(path, marks, kind, constant_seed(marks, kind, number)))
    return out


def constant_seed(marks: Marks, kind: str, first: int) -> int:
    """Return a seed whose mask is laid out by the same draws in every frame.

    Raises
    ------
    ValueError
        if none of many is, or no frame has a face
    """
    faces = marks[seen(marks)]
    if not len(faces):
        raise ValueError("no face in any frame")
    for seed in range(1000 * first, 1000 * first + _SEEDS):
        if len({_course(frame, kind, seed) for frame in faces}) == 1:
            return seed
    raise ValueError(f"none of {_SEEDS} drawings of a {kind} mask is the same throughout")


def _course(frame: NDArray[np.float32], kind: str, seed: int) -> tuple[int, int]:
    """Return what tells two drawings apart: where the draws end, and how many straps there are."""
    rng = np.random.default_rng(seed)
    layout = lay_out(Landmarks(frame), rng, kind=kind, family="train")
    return int(rng.bit_generator.state["state"]["state"]), len(layout.straps)


def frames(clip: Clip, most: int | None = None) -> Iterator[Painted]:
    """Yield the clip's frames that show the face, at most so many from its beginning."""
    with av.open(str(clip.path)) as container:
        stream = container.streams.video[0]
        for index, frame in enumerate(container.decode(stream)):
            if index >= len(clip.marks) or (most is not None and index >= most):
                return
            points = clip.marks[index]
            if not np.isfinite(points[0, 0]):
                continue
            truth = frame.to_ndarray(format="rgb24")
            landmarks = Landmarks(points)
            drawn = _paint(truth, landmarks, clip)
            seconds = float(frame.time) if frame.time is not None else index / STILL_RATE
            yield Painted(truth, drawn.image, drawn.matte, landmarks.five(), seconds)


def still(clip: Clip, count: int, *, noise: float = NOISE) -> Iterator[Painted]:
    """Yield the middle frame of a clip again and again, each time with other camera noise."""
    middle = len(clip.marks) // 2
    one = next(iter(_only(clip, middle)))
    rng = np.random.default_rng(clip.seed)
    for index in range(count):
        shown = one.image + rng.normal(0, noise, one.image.shape).astype(np.float32)
        image = np.clip(np.rint(shown), 0, 255).astype(np.uint8)
        yield Painted(one.truth, image, one.matte, one.five, index / STILL_RATE)


def _only(clip: Clip, wanted: int) -> Iterator[Painted]:
    """Yield the first frame from ``wanted`` on that shows the face."""
    blank = clip.marks.copy()
    blank[:wanted] = np.nan
    return frames(Clip(clip.path, blank, clip.kind, clip.seed))


def _paint(truth: Image, landmarks: Landmarks, clip: Clip) -> Masked:
    return put_on(truth, landmarks, np.random.default_rng(clip.seed), kind=clip.kind)
