"""What `train.table` measures of one way of filling: the same faces and holes for every method."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import openvino
from numpy.typing import NDArray
from torch import nn

from train import appearance
from train.data.faces import FaceCrops, Sample
from train.data.holes import hole
from train.data.masked import painted
from train.data.spread import spread
from train.evaluate_inpainter import composite, measure, share_of
from train.fit import module_of
from unmask_live.runtime.engine import Engine
from unmask_live.vision.inpaint import Inpainter
from unmask_live.vision.segment import to_input

Image = NDArray[np.uint8]
Cover = NDArray[np.float32]
Fill = Callable[[Sample, Cover, int], Image]
"""A crop, its hole and its number to the crop with the hole filled."""
Groups = dict[str, dict[str, float]]
ALL = "all"
SHOWN = 8
RUNS = 30


def by_engine(engine: Engine, *, blind: bool) -> Fill:
    """Return how a network fills.

    A blind one is given the crop with a mask painted on, whose hole is the one the others are
    given; of what it makes only the hole is taken, so that all are compared where they have to
    invent and nothing outside counts for or against it.
    """
    inpaint = Inpainter(engine)

    def given(sample: Sample, cover: Cover, number: int) -> Image:
        return composite(sample.image, inpaint(sample.image, cover), cover)

    def unaided(sample: Sample, cover: Cover, number: int) -> Image:
        made = engine(image=to_input(masked_of(sample, number)))["image_out"][0]
        return composite(sample.image, made.transpose(1, 2, 0) * 255, cover)

    return unaided if blind else given


def by_opencv(method: int) -> Fill:
    """Return how OpenCV's Telea or Navier-Stokes fills."""

    def fill(sample: Sample, cover: Cover, number: int) -> Image:
        marked = (cover * 255).astype(np.uint8)
        return np.asarray(cv2.inpaint(sample.image, marked, 3, method), np.uint8)

    return fill


def masked_of(sample: Sample, number: int) -> Image:
    """Return a crop with a mask over the hole that goes with its number."""
    cv2.setRNGSeed(number)
    return painted(sample, np.random.default_rng(number))[0]


def figures(
    fill: Fill, faces: FaceCrops, count: int, *, weights: Path | None = None
) -> tuple[Groups, list[Image]]:
    """Return mean figures of all crops, by masked share and by source, and the first pictures.

    Crops, holes and figures are those of `train.evaluate_inpainter`; of all crops together also
    FID, NIQE and BRISQUE where they can be had.

    Parameters
    ----------
    weights : as in `train.appearance`
    """
    judges = appearance.without_reference(weights)
    with_fid = appearance.missing("fid", weights) is None
    rows: dict[str, list[dict[str, float]]] = defaultdict(list)
    kept: list[tuple[Image, Image]] = []
    shown: list[Image] = []
    for number, sample in spread(faces, count):
        cover = hole(sample, np.random.default_rng(number))
        inside = cover > 0.5
        if not inside.any():
            continue
        made = fill(sample, cover, number)
        row = measure(made, sample.image, inside)
        rows[ALL].append(row | {key: judge(made) for key, judge in judges.items()})
        for group in (share_of(inside), f"from {sample.source}"):
            rows[group].append(row)
        if with_fid:
            kept.append((made, sample.image))
        if len(shown) < SHOWN:
            shown.append(made)
    out = {
        name: {key: float(np.mean([row[key] for row in group])) for key in group[0]}
        | {"crops": float(len(group))}
        for name, group in sorted(rows.items())
    }
    if kept:
        distance = appearance.fid([m for m, _ in kept], [t for _, t in kept], weights)
        out[ALL] |= {} if distance is None else {"fid": distance}
    return out, shown


def frame(faces: FaceCrops, count: int) -> tuple[list[Image], list[Image]]:
    """Return the masked crops and the true ones of the pictures that `figures` shows."""
    masked, true = [], []
    for number, sample in spread(faces, count):
        if len(true) == SHOWN:
            break
        if (hole(sample, np.random.default_rng(number)) > 0.5).any():
            masked.append(masked_of(sample, number))
            true.append(sample.image)
    return masked, true


def milliseconds(recipe: str, net: nn.Module) -> float:
    """Return the median time of a crop on this CPU, exported as it would ship, in OpenVINO."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.onnx"
        module_of(recipe).export(net.cpu(), path)
        compiled = openvino.Core().compile_model(str(path), "CPU")
        inputs = [np.full(list(i.shape), 0.5, np.float32) for i in compiled.inputs]
        request = compiled.create_infer_request()
        took = []
        for _ in range(RUNS):
            started = time.perf_counter()
            request.infer(inputs)
            took.append(time.perf_counter() - started)
    return float(np.median(took) * 1000)
