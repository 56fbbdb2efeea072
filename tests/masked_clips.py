"""A folder with one bare talking head made of the public-domain portrait, landmarks and all."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np

from train.masks.sheet import astronaut
from train.video_labels import cached

SIDE, RATE = 256, 30


def path(index: int) -> np.ndarray:
    """The (2, 3) way from the portrait to a frame: 3 pixels to the right in each."""
    return np.array([[1, 0, 3 * index - 120], [0, 1, -10]], np.float32)


def write(data: Path, cache: Path, count: int = 12) -> Path:
    """Write ``data/video/head.mp4`` and its landmarks; the face moves 3 pixels a frame."""
    picture, landmarks = astronaut()
    folder = data / "video"
    folder.mkdir(parents=True)
    clip, marks = folder / "head.mp4", []
    with av.open(str(clip), "w") as out:
        stream = out.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = SIDE, SIDE, "yuv420p"
        stream.options = {"crf": "12"}
        for index in range(count):
            shown = cv2.warpAffine(picture, path(index), (SIDE, SIDE))
            frame = av.VideoFrame.from_ndarray(shown, format="rgb24")
            frame.pts = index
            out.mux(stream.encode(frame))
            marks.append(landmarks.moved(path(index)).points)
        out.mux(stream.encode())
    cache.mkdir(parents=True, exist_ok=True)
    np.save(cached(clip, cache), np.array(marks, np.float32))
    return data
