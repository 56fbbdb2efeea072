"""The whole chain on photographs of real masks: there is no truth beneath, so look at the grid.

What can be counted: on how many the finder and the segmenter see a mask, and how much the
segmenter still sees in the result.
"""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from train import grid
from unmask_live import Unmasker
from unmask_live.vision import align
from unmask_live.vision.segment import to_input

LEFT = 0.05
"""Share of the first matte that may be seen again in the result."""


def evaluate(
    folder: Path, unmasker: Unmasker, *, count: int, sheet: Path | None = None
) -> dict[str, float]:
    """Return counts over ``count`` photographs spread over ``folder/boxes.json``.

    A photograph takes part if its largest labelled face is masked and at least 48 px wide.
    """
    listed = json.loads((folder / "boxes.json").read_text(encoding="utf-8"))
    chosen = [p for p in listed if _worn(p)]
    taken = np.unique(np.linspace(0, len(chosen) - 1, min(count, len(chosen))).astype(int))
    again = unmasker._engines["segmenter"]
    found = masked = clean = 0
    rows = []
    for picture in (chosen[i] for i in taken):
        bgr = cv2.imread(str(folder / picture["file"]))
        image = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
        unmasker.reset()
        result = unmasker(image)
        blank = np.zeros((align.CROP, align.CROP, 3), np.uint8)
        row = [cv2.resize(image, (align.CROP, align.CROP)), blank, blank]
        faces = sorted(result.faces, key=lambda f: -(f.box[2] - f.box[0]))
        if faces:
            face = faces[0]
            before = align.crop(image, face.transform)
            after = align.crop(result.image, face.transform)
            row = [before, grid.tint(before, face.matte), after]
            found += 1
            if face.masked:
                masked += 1
                left = (again(image=to_input(after))["matte"][0, 0] > 0.5).sum()
                clean += int(left <= LEFT * (face.matte > 0.5).sum())
        rows.append(row)
    if sheet is not None:
        grid.write(sheet, grid.grid(rows))
    total = max(len(rows), 1)
    return {
        "photographs": float(len(rows)),
        "face found": found / total,
        "mask seen": masked / total,
        "nothing of it seen again": clean / total,
    }


def _worn(picture: dict[str, object]) -> bool:
    faces = picture["faces"]
    assert isinstance(faces, list)
    if not faces:
        return False
    largest = max(faces, key=lambda f: f["box"][2] - f["box"][0])
    return largest["label"] == "masked" and largest["box"][2] - largest["box"][0] >= 48
