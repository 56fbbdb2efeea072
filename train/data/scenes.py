"""Pictures without faces: backgrounds to paste on, negatives to learn from, and those held out."""

from __future__ import annotations

import tarfile
import zlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

HELD_OUT = 15
"""Per cent of the scenes, by a hash of the name, that training never sees."""
LONG_SIDE = 360
"""Pixels they are kept at: a little over the finder's picture, so that a part can fill it."""


def held_out(name: str) -> bool:
    """Whether a scene belongs to the false-find test."""
    return zlib.crc32(Path(name).name.encode()) % 100 < HELD_OUT


def load_scenes(data: Path, *, test: bool) -> dict[str, Image]:
    """Return the scenes by name, HxWx3 uint8 RGB.

    Parameters
    ----------
    data : the face data's folder; ``scenes/scenes.tar`` lies in it
    test : the held-out ones in full size, or else those for training, shrunk to `LONG_SIDE`

    Raises
    ------
    FileNotFoundError
        if the archive is missing
    """
    archive = data / "scenes" / "scenes.tar"
    if not archive.exists():
        raise FileNotFoundError(f"{archive} is missing: --data must name the face data's folder")
    scenes: dict[str, Image] = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            stream = tar.extractfile(member)
            if stream is None or held_out(member.name) != test:
                continue
            image = cv2.imdecode(np.frombuffer(stream.read(), np.uint8), cv2.IMREAD_COLOR)
            scale = LONG_SIDE / max(image.shape[:2])
            if not test and scale < 1:
                image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            scenes[Path(member.name).name] = cv2.cvtColor(image, cv2.COLOR_BGR2RGB).astype(
                np.uint8, copy=False
            )
    return scenes


def draw_part(scenes: list[Image], size: tuple[int, int], rng: np.random.Generator) -> Image:
    """Return a random part of a random scene at ``size`` (width, height), mirrored half the time.

    Up to a tenth of the picture's side, so that texture of every coarseness comes about.
    """
    scene = scenes[int(rng.integers(len(scenes)))]
    height, width = scene.shape[:2]
    share = float(np.exp(rng.uniform(np.log(0.15), 0)))
    fit = min(width / size[0], height / size[1]) * share
    w, h = max(4, int(size[0] * fit)), max(4, int(size[1] * fit))
    x, y = int(rng.integers(width - w + 1)), int(rng.integers(height - h + 1))
    part = scene[y : y + h, x : x + w]
    if rng.random() < 0.5:
        part = part[:, ::-1]
    if rng.random() < 0.15:  # scenes are few: upside down they are new, and still no face
        part = part[::-1]
    how = cv2.INTER_AREA if fit > 1 else cv2.INTER_LINEAR
    return cv2.resize(np.ascontiguousarray(part), size, interpolation=how).astype(
        np.uint8, copy=False
    )


def gradient(size: tuple[int, int], rng: np.random.Generator) -> Image:
    """Return a studio-like wall at ``size`` (width, height): two or more colours melting."""
    corners = rng.integers(0, 256, (int(rng.integers(1, 5)), int(rng.integers(1, 5)), 3))
    if rng.random() < 0.5:  # mostly grey, as walls are
        corners = corners.mean(2, keepdims=True) + rng.normal(0, 8, (1, 1, 3))
    small = np.clip(corners, 0, 255).astype(np.uint8)
    return cv2.resize(small, size, interpolation=cv2.INTER_CUBIC).astype(np.uint8, copy=False)
