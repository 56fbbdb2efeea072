"""Where faces are, masked or bare: letterbox, one network, peaks of its heat map.

The ``finder`` engine sees the frame letterboxed into 320x192 and answers on a grid of cells, each
4x4 pixels of that picture (48 rows, 80 columns). Its outputs:

``heat`` (1, 1, 48, 80), 0..1
    How sure it is that the centre of a face's box lies in the cell.
``geometry`` (1, 14, 48, 80), in cells, measured from the middle of the cell at (column + 0.5,
    row + 0.5)
    Channels 0 to 3: distances to the box's left, top, right and bottom edge, all positive.
    Channels 4 to 13: (x, y) offsets of the five keypoints in `Detection` order.

The box is the upright rectangle around the face from hairline to chin and from ear to ear (the
tightest around MediaPipe's Face Mesh). Heat-map finding after CenterNet (Zhou et al., "Objects as
Points", 2019): a peak is a cell no neighbour of which is hotter, so hardly any suppression is left
to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from unmask_live.types import Detection, Floats, Image

WIDTH, HEIGHT = 320, 192
"""Size of the letterboxed picture, pixels."""
STRIDE = 4
"""Pixels of the letterboxed picture to a cell."""
GREY = 114
"""Value of the bars on all three channels; the same in training."""
THRESHOLD = 0.32
"""Heat from which a large peak counts as a face; see ``python -m train.evaluate_finder``."""
THRESHOLD_SMALL = 0.7
"""The same for a small one: windows, letters and lamps far away look like faces soonest."""
SMALL, LARGE = 16.0, 30.0
"""Widths that count as small and as large, pixels of the letterboxed picture; in between the
threshold falls evenly."""
FOLLOW = 0.25
"""Heat that is enough where a face is being followed already."""
OVERLAP = 0.6
"""Two boxes that share more than this part of the smaller one are the same face."""
MOST = 64
"""Faces returned at most: bounds the work a picture full of false peaks can cause."""


class Network(Protocol):
    """What `Finder` needs of an engine."""

    def __call__(self, **inputs: Floats) -> dict[str, Floats]:
        """Run the network."""
        ...


@dataclass(frozen=True)
class Letterbox:
    """How a frame lies in the 320x192 picture: ``picture = frame * scale + offset``.

    Attributes
    ----------
    scale : (x, y) factors; they differ only by the rounding of the picture's size
    offset : (x, y) pixels of the bar at the left and at the top
    """

    scale: tuple[float, float]
    offset: tuple[int, int]

    def to_frame(self, points: Floats) -> Floats:
        """Move (..., 2) float32 points from the 320x192 picture to the frame."""
        scale, offset = np.array(self.scale, np.float32), np.array(self.offset, np.float32)
        moved: Floats = ((points - offset) / scale).astype(np.float32)
        return moved


def letterbox(image: Image) -> tuple[Image, Letterbox]:
    """Fit a frame into 320x192, its shape kept, grey bars around it.

    Parameters
    ----------
    image : HxWx3 uint8 RGB, any size of at least one pixel

    Returns
    -------
    picture : (192, 320, 3) uint8 RGB
    place : where the frame lies in it

    Raises
    ------
    ValueError
        if the picture is empty, or not HxWx3 uint8
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
        raise ValueError(f"want a non-empty HxWx3 uint8 picture, got {image.shape} {image.dtype}")
    height, width = image.shape[:2]
    scale = min(WIDTH / width, HEIGHT / height)
    inner = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (WIDTH - inner[0]) // 2, (HEIGHT - inner[1]) // 2
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    # OpenCV averages by exactly two many times faster than by four, and twice two is four.
    while all(n % 2 == 0 and n >= 2 * m for n, m in zip(image.shape[1::-1], inner, strict=True)):
        half = (image.shape[1] // 2, image.shape[0] // 2)
        image = np.asarray(cv2.resize(image, half, interpolation=cv2.INTER_AREA), np.uint8)
    picture = np.full((HEIGHT, WIDTH, 3), GREY, np.uint8)
    picture[top : top + inner[1], left : left + inner[0]] = cv2.resize(
        image, inner, interpolation=how
    )
    return picture, Letterbox((inner[0] / width, inner[1] / height), (left, top))


def peaks(heat: Floats, threshold: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return (rows, columns) of the cells of a 2-D heat map that no neighbour outdoes.

    Hottest first, at most `MOST`; empty where nothing reaches the threshold. On a plateau every
    cell is a peak: `suppress` makes one face of them.
    """
    highest = cv2.dilate(heat, np.ones((3, 3), np.uint8))
    rows, columns = np.nonzero((heat >= highest) & (heat >= threshold))
    order = np.argsort(-heat[rows, columns], kind="stable")[:MOST]
    return rows[order], columns[order]


def decode(
    heat: Floats, geometry: Floats, threshold: float = THRESHOLD
) -> tuple[Floats, Floats, Floats]:
    """Read faces off the network's outputs.

    Parameters
    ----------
    heat : (48, 80) float32, 0..1; any grid size works
    geometry : (14, 48, 80) float32, as the module's head describes
    threshold : heat from which a peak counts

    Returns
    -------
    boxes : (N, 4) float32 x0 y0 x1 y1 in pixels of the letterboxed picture, surest first
    keypoints : (N, 5, 2) float32, likewise
    scores : (N,) float32
    """
    rows, columns = peaks(heat, threshold)
    values = geometry[:, rows, columns].T
    centre = np.stack([columns, rows], axis=1).astype(np.float32) + 0.5
    low, high = centre - values[:, 0:2], centre + values[:, 2:4]
    keypoints = centre[:, None] + values[:, 4:].reshape(-1, 5, 2)
    boxes = np.concatenate([low, high], axis=1) * STRIDE
    keep = suppress(boxes)
    scores = heat[rows, columns][keep]
    return boxes[keep], (keypoints * STRIDE)[keep], scores.astype(np.float32)


def threshold_for(width: float) -> float:
    """Return the heat from which a face of this width, letterboxed, may be followed as new."""
    return float(np.interp(width, (SMALL, LARGE), (THRESHOLD_SMALL, THRESHOLD)))


def suppress(boxes: Floats, overlap: float = OVERLAP) -> NDArray[np.intp]:
    """Return the indices of the (N, 4) boxes to keep; they come surest first.

    A box goes when it shares more than ``overlap`` of the smaller area with one kept before: a
    second peak on a large face may bring a small box, which the usual intersection over union
    would let pass.
    """
    kept: list[int] = []
    area = np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 1e-6), axis=1)
    for i in range(len(boxes)):
        others = boxes[kept]
        low = np.maximum(others[:, :2], boxes[i, :2])
        high = np.minimum(others[:, 2:], boxes[i, 2:])
        shared = np.prod(np.maximum(high - low, 0), axis=1)
        if not np.any(shared > overlap * np.minimum(area[kept], area[i])):
            kept.append(i)
    return np.array(kept, np.intp)


class Finder:
    """Finds the faces of one frame; keeps nothing between frames but a buffer.

    Parameters
    ----------
    engine : an open ``finder`` engine; its owner closes it
    threshold : heat from which a peak counts as a face
    """

    def __init__(self, engine: Network, threshold: float = THRESHOLD) -> None:
        self._engine = engine
        self._threshold = threshold
        self._input = np.empty((1, 3, HEIGHT, WIDTH), np.float32)

    def __call__(self, image: Image) -> list[Detection]:
        """Return the faces of an HxWx3 uint8 RGB frame of any size, surest first.

        Raises
        ------
        ValueError
            as `letterbox` does
        """
        picture, place = letterbox(image)
        np.multiply(picture.transpose(2, 0, 1), np.float32(1 / 255), out=self._input[0])
        outputs = self._engine(image=self._input)
        found = decode(outputs["heat"][0, 0], outputs["geometry"][0], self._threshold)
        detections = []
        for box, points, score in zip(*found, strict=True):
            x0, y0, x1, y1 = (float(v) for v in place.to_frame(box.reshape(2, 2)).ravel())
            sure = bool(score >= threshold_for(float(box[2] - box[0])))
            detections.append(
                Detection((x0, y0, x1, y1), place.to_frame(points), float(score), sure)
            )
        return detections
