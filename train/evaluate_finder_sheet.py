"""What the finder saw in photographs, what counts as found, and pictures of what it got wrong.

The pictures matter: many a "false" find is a true face that the box file lacks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from train.recipes.finder_report import overlaps
from unmask_live.types import Detection

Image = NDArray[np.uint8]
Boxes = NDArray[np.float64]

ASKED_WIDTH = 48
"""Pixels of width from which a face must be found."""
FALSE_WIDTH = 40
"""Pixels of width from which a find that is no face counts: the box file lacks smaller faces."""


@dataclass(frozen=True)
class Seen:
    """What was found in one picture at the lowest threshold, beside what is known.

    Attributes
    ----------
    name : the picture's
    truth : (N, 4) boxes known
    found : surest first
    """

    name: str
    truth: Boxes
    found: list[Detection]

    @property
    def boxes(self) -> Boxes:
        """(M, 4) boxes found."""
        return np.array([d.box for d in self.found], np.float64).reshape(-1, 4)

    @property
    def scores(self) -> NDArray[np.float64]:
        """(M,) their scores."""
        return np.array([d.score for d in self.found], np.float64)

    def counted(self, threshold: float | None) -> NDArray[np.bool_]:
        """(M,) which of them count: from a score, or those a face would be followed from."""
        if threshold is None:
            return np.array([d.sure for d in self.found], np.bool_)
        return np.asarray(self.scores >= threshold)


def matches(truth: Boxes, found: Boxes) -> NDArray[np.bool_]:
    """Return (N, M): whether a find is that face.

    By IoU of at least 0.4, or with its centre in the middle half of the box and an area between
    0.4 and 2.5 times its own: the detector that drew the boxes begins them lower on the forehead.
    """
    area = [np.prod(np.maximum(b[:, 2:] - b[:, :2], 1e-6), axis=1) for b in (truth, found)]
    ratio = area[1][None] / area[0][:, None]
    centre = (found[:, :2] + found[:, 2:]) / 2
    middle = (truth[:, :2] + truth[:, 2:]) / 2
    near = np.abs(centre[None] - middle[:, None]) <= (truth[:, 2:] - truth[:, :2])[:, None] / 4
    similar = near.all(2) & (ratio > 0.4) & (ratio < 2.5)
    return np.asarray(similar | (overlaps(truth, found) >= 0.4))


def write_sheet(
    seen: list[Seen], folder: Path, path: Path, threshold: float | None, *, misses: bool
) -> int:
    """Write the false finds (or the missed faces), cut out with surroundings; return how many."""
    cells = []
    for picture in seen:
        boxes = picture.boxes[picture.counted(threshold)]
        match = matches(picture.truth, boxes)
        if misses:
            wide = picture.truth[:, 2] - picture.truth[:, 0] >= ASKED_WIDTH
            wanted = picture.truth[wide & ~match.any(1)]
        else:
            wide = boxes[:, 2] - boxes[:, 0] >= FALSE_WIDTH
            wanted = boxes[wide & ~match.any(0)]
        if not len(wanted):
            continue
        image = read(folder / picture.name)
        for known in picture.truth:
            _outline(image, known, (255, 255, 255))
        for box in picture.boxes[picture.counted(threshold)]:
            _outline(image, box, (0, 255, 0))
        cells += [_cell(image, box, picture.name) for box in wanted]
    count = len(cells)
    if cells:
        cells = cells[:120]
        cells += [np.zeros_like(cells[0])] * (-len(cells) % 10)
        rows = [np.hstack(cells[i : i + 10]) for i in range(0, len(cells), 10)]
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR))
    return count


def read(path: Path) -> Image:
    """Return a picture as HxWx3 uint8 RGB; FileNotFoundError if it is none."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise FileNotFoundError(f"{path} is no picture")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)


def _outline(image: Image, box: Boxes, colour: tuple[int, int, int]) -> None:
    x0, y0, x1, y1 = (int(v) for v in box)
    thick = max(1, max(image.shape) // 200)
    cv2.rectangle(image, (x0, y0), (x1, y1), colour, thick)


def _cell(image: Image, box: Boxes, name: str, side: int = 150) -> Image:
    """Cut twice the box, square, with the picture's name below."""
    centre = (box[:2] + box[2:]) / 2
    reach = max(box[2:] - box[:2])
    scale = side / (2 * reach)
    matrix = np.array([[scale, 0, 0], [0, scale, 0]], np.float64)
    matrix[:, 2] = side / 2 - centre * scale
    cell = cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_AREA)
    cv2.putText(cell, name.rsplit(".", 1)[0], (2, side - 4), 0, 0.35, (255, 255, 0))
    return cell.astype(np.uint8, copy=False)
