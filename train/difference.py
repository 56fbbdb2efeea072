"""Where a blind network changes the picture: ``python -m train.difference --data DIR``.

`unmask_live.vision.blind` takes for mask what the network changes by more than a level, after a
blur. Both are chosen here, on painted masks of the validation split: intersection over union with
the truth, and by how much of the mask is missed and how much beside it is taken, in shares of the
mask; and how many bare faces are taken for masked, which should pass untouched. All are seen as by
a poor camera. What is filled is widened afterwards, so a little too much costs less than what is
missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path

import cv2
import numpy as np

from train.command import Command
from train.data.faces import FaceCrops
from train.data.spread import spread
from train.evaluate_segmenter import scores
from train.evaluation_page import Table, markdown
from train.masks import put_on
from train.masks.camera import degrade
from unmask_live.runtime.choose import open_engine
from unmask_live.runtime.engine import Engine
from unmask_live.runtime.kinds import is_blind
from unmask_live.vision.align import CROP
from unmask_live.vision.blind import BLUR, CHANGED, BlindInpainter, changed
from unmask_live.vision.segment import is_masked

LEVELS = (10.0, 14.0, 18.0, 22.0, 26.0, 32.0)
BLURS = (1.0, 1.5, 2.5, 4.0)
_NOTHING = np.zeros((CROP, CROP), np.float32)
_PLAIN = np.ones(3, np.float32)


def evaluate(
    engine: Engine,
    faces: FaceCrops,
    *,
    count: int,
    levels: Sequence[float] = LEVELS,
    blurs: Sequence[float] = BLURS,
) -> Table:
    """Return mean scores by blur and level.

    Parameters
    ----------
    engine : of a blind network
    count : crops at most, a mask painted on each
    """
    fill, choices = BlindInpainter(engine), list(product(blurs, levels))
    rows: dict[tuple[float, float], list[list[float]]] = {choice: [] for choice in choices}
    for index, sample in spread(faces, count):
        cv2.setRNGSeed(index)
        rng = np.random.default_rng(index)
        drawn = put_on(sample.image, sample.landmarks, rng, valid=sample.valid)
        worn = (drawn.matte > 0.5) & sample.valid
        if not worn.any():
            continue
        bare, masked = (degrade(image, rng) for image in (sample.image, drawn.image))
        bare_by, masked_by = (fill(shown, _NOTHING, _PLAIN) - shown for shown in (bare, masked))
        for blur, level in choices:
            wrong = is_masked(changed(bare_by, level=level, blur=blur), before=False)
            found = (changed(masked_by, level=level, blur=blur) > 0.5) & sample.valid
            missed, beside = (int(m.sum()) for m in (worn & ~found, found & ~worn))
            iou = scores(found, worn)["iou"]
            rows[blur, level].append([iou, missed / worn.sum(), beside / worn.sum(), wrong])
    means = {choice: np.mean(some, 0).tolist() for choice, some in rows.items() if some}
    keys = ("iou", "missed", "beside", "bare taken for masked")
    return {
        f"blur {blur:g}, level {level:g}": dict(zip(keys, row, strict=True))
        for (blur, level), row in means.items()
    }


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    parser = Command("train.difference", __doc__)
    parser.add_argument("--data", type=Path, required=True, help="the face data's folder")
    parser.add_argument("--inpainter", default="raunet", help="a blind one of the manifest")
    parser.add_argument("--split", default="val", help="test, once all is chosen")
    parser.add_argument("--count", type=int, default=150, help="crops at most")
    parser.add_argument("--chosen", action="store_true", help="only what the program uses")
    given = parser.parse_args(argv)
    with parser.refusing(), open_engine(given.inpainter) as engine:
        if not is_blind(engine):
            parser.error(f"{given.inpainter} is told where the mask is: name a blind one")
        some = {"levels": (CHANGED,), "blurs": (BLUR,)} if given.chosen else {}
        faces = FaceCrops(given.data, given.split)
        table = evaluate(engine, faces, count=given.count, **some)
    print(markdown(f"where {given.inpainter} changes, {given.split}", table))
    print(f"the program uses blur {BLUR:g}, level {CHANGED:g}")


if __name__ == "__main__":
    main()
