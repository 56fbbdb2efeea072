"""The whole chain on photographs of real masks: there is no truth beneath, so look at the grid.

What can be counted: on how many the labelled face is found and its mask seen, and how much of it
is seen again in the result.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from train import grid
from train.evaluate_finder_sheet import ASKED_WIDTH, read
from train.recipes.finder_report import overlaps
from unmask_live import Unmasker
from unmask_live.runtime.engine import Engine
from unmask_live.types import Face, Image
from unmask_live.vision import align
from unmask_live.vision.segment import Segmenter

LEFT = 0.05
"""Share of the first matte that may be seen again in the result."""
OVERLAP = 0.3
"""IoU with the labelled box from which a face is the labelled one, wherever its centre lies."""
SIMILAR = (0.4, 2.5)
"""Area over the labelled box's for a face with its centre inside: another detector drew those
boxes, and begins them lower on the forehead."""


def evaluate(
    folder: Path,
    unmasker: Unmasker,
    segmenter: Engine,
    *,
    count: int,
    sheet: Path | None = None,
) -> dict[str, float]:
    """Return counts over ``count`` photographs spread over ``folder/boxes.json``.

    A photograph takes part if its largest labelled face is masked and at least `ASKED_WIDTH`
    wide; that face alone is judged, in the aligned crop that the program itself chose.

    "nothing of it seen again" is said by the segmenter under test: a mask it never recognises
    does not count against it, and smears or half a mask that it takes for skin pass. The figure
    finds gross failures and no more; whether a face looks like one only the grid tells.

    Parameters
    ----------
    folder : photographs and their ``boxes.json``
    unmasker : forgets its faces before each photograph
    segmenter : a ``segmenter`` engine of the caller's, for the second look
    sheet : where to write the grid: crop, matte, result

    Raises
    ------
    FileNotFoundError
        if a listed photograph is missing or no picture
    """
    listed = json.loads((folder / "boxes.json").read_text(encoding="utf-8"))
    chosen = [(p["file"], box) for p in listed if (box := _worn(p["faces"])) is not None]
    taken = np.unique(np.linspace(0, len(chosen) - 1, max(0, min(count, len(chosen)))).astype(int))
    again = Segmenter(segmenter)
    found = masked = clean = 0
    rows = []
    for name, box in (chosen[i] for i in taken):
        image = read(folder / name)
        unmasker.reset()
        result = unmasker(image)
        face = best_match(result.faces, box)
        if face is None:
            rows.append(_missed(image))
            continue
        found += 1
        before, after = (align.crop(i, face.transform) for i in (image, result.image))
        rows.append([before, grid.tint(before, face.matte), after])
        if face.masked:
            masked += 1
            left = int((again(after) > 0.5).sum())
            clean += int(left <= LEFT * int((face.matte > 0.5).sum()))
    if sheet is not None:
        grid.write(sheet, grid.grid(rows))
    total = max(len(rows), 1)
    return {
        "photographs": float(len(rows)),
        "face found": found / total,
        "mask seen": masked / total,
        "nothing of it seen again": clean / total,
    }


def best_match(faces: Iterable[Face], box: Sequence[float]) -> Face | None:
    """Return the face that overlaps the labelled box most, or None if none is that face.

    It is if their IoU is at least `OVERLAP`, or if its centre lies inside the box and its area is
    `SIMILAR`.

    Parameters
    ----------
    box : (x0, y0, x1, y1) in the photograph's pixels
    """
    truth = np.asarray([box], np.float64)
    area = float(np.prod(truth[0, 2:] - truth[0, :2]))
    best, most = None, -1.0
    for face in faces:
        x0, y0, x1, y1 = face.box
        overlap = float(overlaps(truth, np.array([face.box], np.float64))[0, 0])
        inside = box[0] <= (x0 + x1) / 2 <= box[2] and box[1] <= (y0 + y1) / 2 <= box[3]
        similar = SIMILAR[0] <= (x1 - x0) * (y1 - y0) / max(area, 1e-9) <= SIMILAR[1]
        if (overlap >= OVERLAP or (inside and similar)) and overlap > most:
            best, most = face, overlap
    return best


def _worn(faces: Sequence[dict[str, Any]]) -> list[float] | None:
    """Return the largest labelled face's box if it wears a mask and is large enough to ask for."""
    boxes = [(f["box"], f["label"]) for f in faces]
    if not boxes:
        return None
    box, label = max(boxes, key=lambda b: b[0][2] - b[0][0])
    wide = box[2] - box[0] >= ASKED_WIDTH
    return list(box) if label == "masked" and wide else None


def _missed(image: Image) -> list[Image]:
    """Return a row of the grid for a face that was not found: the photograph, shrunk to fit."""
    side = align.CROP
    height, width = image.shape[:2]
    matrix = np.array([[1, 0, 0], [0, 1, 0]], np.float32) * np.float32(side / max(height, width))
    blank = np.zeros((side, side, 3), np.uint8)
    return [align.crop(image, matrix), blank, blank]
