"""The segmenter's engine on painted masks: of the kinds trained on, and of a family kept out."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from train import grid
from train.data.faces import FaceCrops
from train.data.spread import spread
from train.evaluate_inpainter import share_of
from train.masks import distract, put_on
from train.masks.camera import degrade
from unmask_live.runtime.engine import Engine
from unmask_live.vision.segment import Segmenter, is_masked


def scores(made: NDArray[np.bool_], truth: NDArray[np.bool_]) -> dict[str, float]:
    """IoU, Dice and pixel accuracy of one crop; two empty mattes agree fully."""
    both, either = int((made & truth).sum()), int((made | truth).sum())
    total = int(made.sum() + truth.sum())
    return {
        "iou": both / either if either else 1.0,
        "dice": 2 * both / total if total else 1.0,
        "accuracy": float((made == truth).mean()),
    }


def evaluate(
    engine: Engine, faces: FaceCrops, *, count: int, sheet: Path | None = None
) -> dict[str, dict[str, float]]:
    """Return mean scores by family, kind, source and masked share, and of bare faces the share that
    is taken for masked.

    Masks are judged as painted and again with blur, noise, compression and exposure of a poor
    camera (`train.masks.camera`), as in training.
    """
    segment = Segmenter(engine)
    rows: dict[str, list[dict[str, float]]] = defaultdict(list)
    pictures = []
    for index, sample in spread(faces, count):
        for family in ("train", "heldout"):
            rng = np.random.default_rng([index, family == "heldout"])
            drawn = put_on(sample.image, sample.landmarks, rng, family=family, valid=sample.valid)
            worn = (drawn.matte > 0.5) & sample.valid
            row = scores((segment(drawn.image) > 0.5) & sample.valid, worn)
            groups = [family, f"{family} {drawn.kind}", f"{family}, from {sample.source}"]
            if worn.any():  # else the drawn mask lies beyond the photograph
                groups.append(f"{family}, {share_of(worn)}")
            for group in groups:
                rows[group].append(row)
            image = degrade(drawn.image, rng)
            matte = segment(image)
            rows[f"{family}, through a poor camera"].append(
                scores((matte > 0.5) & sample.valid, worn)
            )
            if family == "heldout" and len(pictures) < 32:
                pictures.append([image, grid.tint(image, matte), grid.tint(image, drawn.matte)])
        rng = np.random.default_rng([index, 2])
        for name, image in (
            ("bare", sample.image),
            ("bare, something before the mouth", distract(sample.image, sample.landmarks, rng)),
        ):
            taken = is_masked(segment(degrade(image, rng)), before=False)
            rows[name].append({"taken for masked": float(taken)})
    if sheet is not None:
        grid.write(sheet, grid.grid(pictures))
    return {
        name: {key: float(np.mean([r[key] for r in group])) for key in group[0]}
        | {"crops": float(len(group))}
        for name, group in sorted(rows.items())
    }
