"""What `train.table` measures of one way of filling: the same faces and holes for every method."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import openvino
from torch import nn

from train import appearance
from train.data.faces import FaceCrops
from train.data.holes import hole
from train.data.spread import spread
from train.evaluate_inpainter import measure, share_of
from train.fit import module_of
from train.ways import Fill, Image, masked_of

Groups = dict[str, dict[str, float]]
ALL = "all"
SHOWN = 8
RUNS = 30


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
