"""On the papers' own terms: a painted mask, found by the segmenter, filled by the inpainter.

256² crops, whole-picture metrics, "binary masks are from a segmentation network" (M-CSAM, table 1),
beside what the papers publish. The same pictures are also told by masked share, by source of the
photograph and by kind of mask, and inside the mask alone, where the difference is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from train import appearance, grid, published
from train.data.faces import FaceCrops, Sample
from train.data.spread import spread
from train.evaluate_inpainter import measure, share_of
from train.masks import put_on
from train.ways import composite
from unmask_live.runtime.engine import Engine
from unmask_live.vision.blind import inpainter_on
from unmask_live.vision.inpaint import hole_of
from unmask_live.vision.segment import Segmenter

OURS = "ours, mask found"
TRUE_MASK = "ours, mask given"
TELEA = "telea, mask found"
UNTOUCHED = "mask left on"
SHOWN = 32

Image = NDArray[np.uint8]
Row = dict[str, float]


def evaluate(
    segmenter: Engine,
    inpainter: Engine,
    faces: FaceCrops,
    *,
    count: int,
    sheet: Path | None = None,
    weights: Path | None = None,
    say: Callable[[str], None] = print,
) -> dict[str, Row]:
    """Return mean figures by method, then of ours by masked share, source and kind.

    Parameters
    ----------
    weights : folder with the files of `train.appearance`; its own if None
    say : told, once, of each figure that cannot be measured here and why
    """
    judges = appearance.without_reference(weights)
    for reason in filter(None, (appearance.missing(name, weights) for name in appearance.FILES)):
        say(reason)
    with_fid = appearance.missing("fid", weights) is None
    rows: dict[str, list[Row]] = defaultdict(list)
    kept: dict[str, list[Image]] = defaultdict(list)
    pictures = []
    for index, sample in spread(faces, count):
        rng = np.random.default_rng([index, 3])
        drawn = put_on(sample.image, sample.landmarks, rng, valid=sample.valid)
        worn = (drawn.matte > 0.5) & sample.valid
        if not worn.any():
            continue
        made, found = removed(segmenter, inpainter, drawn.image, drawn.matte)
        for name, whole in made.items():
            picture = within(whole, sample)
            row = measure(picture, sample.image, worn)
            row |= {key: judge(picture) for key, judge in judges.items()}
            groups = [name]
            if name == OURS:
                groups += [
                    f"{OURS}, {share_of(worn)}",
                    f"{OURS}, from {sample.source}",
                    f"{OURS}, {drawn.kind}",
                ]
            for group in groups:
                rows[group].append(row)
            if with_fid:
                kept[name].append(picture)
        if with_fid:
            kept["true"].append(sample.image)
        if len(pictures) < SHOWN:
            seen = grid.tint(drawn.image, found)
            pictures.append([drawn.image, seen, within(made[OURS], sample), sample.image])
    if sheet is not None:
        grid.write(sheet, grid.grid(pictures, columns=3))
    out = {name: _mean(rows[name]) for name in _ordered(rows)}
    for name in kept.keys() & out.keys():
        distance = appearance.fid(kept[name], kept["true"], weights)
        if distance is not None:
            out[name]["fid"] = distance
    return out | published.WHOLE if out else {}


def removed(
    segmenter: Engine, inpainter: Engine, masked: Image, matte: NDArray[np.float32]
) -> tuple[dict[str, Image], NDArray[np.float32]]:
    """Return a masked crop with the mask taken off in each way, and the hole that was found.

    Parameters
    ----------
    masked : (256, 256, 3) uint8 RGB
    matte : (256, 256) float32, the truth, for the way that is given it
    """
    fill = inpainter_on(inpainter)
    found, given = hole_of(Segmenter(segmenter)(masked)), hole_of(matte)
    telea = cv2.inpaint(masked, (found * 255).astype(np.uint8), 3, cv2.INPAINT_TELEA)
    return {
        OURS: composite(masked, fill(masked, found), found),
        TRUE_MASK: composite(masked, fill(masked, given), given),
        TELEA: np.asarray(telea, np.uint8),
        UNTOUCHED: masked,
    }, found


def within(picture: Image, sample: Sample) -> Image:
    """Return the picture with the truth wherever the crop reaches beyond the photograph.

    There the photograph's edge is repeated, and nothing of it is ever shown.
    """
    return np.where(sample.valid[..., None], picture, sample.image)


def _ordered(rows: dict[str, list[Row]]) -> list[str]:
    """Return the methods first, then ours by groups."""
    methods = [name for name in (OURS, TRUE_MASK, TELEA, UNTOUCHED) if name in rows]
    return [*methods, *sorted(rows.keys() - set(methods))]


def _mean(rows: list[Row]) -> Row:
    means = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
    return means | {"crops": float(len(rows))}
