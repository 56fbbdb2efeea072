"""The whole chain by size of the frame and number of faces in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np

from unmask_live import Unmasker
from unmask_live.commands.measure import (
    SIZE,
    Figures,
    compose,
    face_centre,
    frames_a_second,
    time_frames,
)
from unmask_live.types import Image

SIZES: Mapping[str, tuple[int, int]] = {
    "480p": (854, 480),
    "720p": SIZE,
    "1080p": (1920, 1080),
}
"""Width and height in pixels."""
FACES = (1, 2, 4, 8)
PICTURES = 30
"""Frames that are played to and fro: in 1080p they fill 190 MB."""


def bench_chain(
    pictures: Sequence[Image],
    seconds: float,
    frames: int | None,
    *,
    make: Callable[..., Unmasker] = Unmasker,
    sizes: Mapping[str, tuple[int, int]] = SIZES,
    faces: Sequence[int] = FACES,
    tell: Callable[[str], None] = lambda _: None,
) -> Figures:
    """Time the chain, one frame after the other and with its halves side by side.

    Parameters
    ----------
    pictures : 720p frames with one face; `PICTURES` of them are used
    seconds : how long each measurement takes, about
    frames : that many frames each instead
    make : opens the chain, ``overlapped`` or not
    sizes, faces : what to measure, each with each
    tell : is told what is measured next

    Returns
    -------
    ``backends``, and ``chain``: a row each as `time_frames` makes it, with ``size`` and
    ``fps_side_by_side``
    """
    pictures = list(pictures[:PICTURES])
    rows = []
    with make() as alone, make(overlapped=True) as halves:
        centre = face_centre(alone, pictures)
        for count in faces:
            crowded = crowd(pictures, count, centre)
            for name, size in sizes.items():
                tell(f"{name}, {count} face{'' if count == 1 else 's'}")
                shown = [scaled(picture, size) for picture in crowded]
                row = time_frames(alone, shown, count, seconds, frames)
                row["fps_side_by_side"] = frames_a_second(halves, shown, seconds, frames)
                rows.append({"size": name, "pixels": list(size), **row})
        return {"backends": alone.backends, "chain": rows}


def crowd(pictures: Sequence[Image], faces: int, centre: tuple[float, float]) -> list[Image]:
    """Return 720p frames with 1 to 8 of the clip's face.

    Eight: two rows of four, the face as large as with four. One, two, four: as `compose` puts them.
    Other numbers: as the next larger of these, with grey in place of the last ones.

    Parameters
    ----------
    centre : of the face, x and y in pixels of 720p
    """
    if faces in (1, 2, 4):
        return compose(pictures, faces, centre)
    if not 1 <= faces <= 8:
        raise ValueError(f"faces: got {faces}, wanted 1 to 8")
    width, height = SIZE
    if faces == 3:
        frames = compose(pictures, 4, centre)
        return [_without(frame, width // 2, 1) for frame in frames]
    count, tile = len(pictures), width // 4
    x = int(np.clip(centre[0] / 2 - tile / 2, 0, width // 2 - tile))
    small = [scaled(p, (width // 2, height // 2))[:, x : x + tile] for p in pictures]
    # Neighbours are a few frames apart, so that they are not twins.
    tiles = [[small[(i + 5 * k) % count] for k in range(8)] for i in range(count)]
    frames = [np.vstack([np.hstack(eight[:4]), np.hstack(eight[4:])]) for eight in tiles]
    return [_without(frame, tile, 8 - faces) for frame in frames]


def _without(frame: Image, tile: int, count: int) -> Image:
    """Return a frame of two rows, grey where the last ``count`` tiles of the second were."""
    left: Image = frame.copy()
    left[frame.shape[0] // 2 :, frame.shape[1] - count * tile :] = 114
    return left


def scaled(picture: Image, size: tuple[int, int]) -> Image:
    """Return an H×W×3 uint8 RGB picture scaled to (width, height); itself if it is that size."""
    if (picture.shape[1], picture.shape[0]) == size:
        return picture
    way = cv2.INTER_AREA if size[0] < picture.shape[1] else cv2.INTER_LINEAR
    return cv2.resize(picture, size, interpolation=way).astype(np.uint8, copy=False)
