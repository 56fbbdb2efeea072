"""Make the 8-bit variant of an engine: ``python -m train.quantise segmenter --data DIR``.

Post-training quantisation with NNCF, calibrated on training faces wearing painted masks. What is
lost is measured on validation faces, network against network on the same crops, and bounded: more
than 0.1 dB of PSNR, 0.002 of SSIM or, on either family of masks, 0.002 of IoU and nothing is
written. Where all layers cost too much, those whose rounding changes the output most stay in fp32,
one more at a time. The variant goes into ``engines/NAME-int8.onnx`` and the manifest; at run time a
processor takes it only where it is faster.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import nncf
import numpy as np
import onnx
from nncf.quantization.advanced_parameters import AdvancedQuantizationParameters, OverflowFix
from numpy.typing import NDArray

from train.command import Command
from train.data.faces import FaceCrops, Sample
from train.data.holes import hole
from train.data.masked import masked_example
from train.data.spread import spread
from train.evaluate_inpainter import measure
from train.evaluate_segmenter import scores
from train.export import MANIFEST
from train.int8_file import convolutions, folded, quantised_layers, restored
from train.ways import composite
from unmask_live.runtime.engine import Engine
from unmask_live.runtime.kinds import is_blind, is_inpainter
from unmask_live.runtime.manifest import EngineEntry, load_manifest
from unmask_live.runtime.openvino import OpenVinoEngine
from unmask_live.vision.inpaint import Inpainter
from unmask_live.vision.segment import Segmenter, to_input

Inputs = dict[str, NDArray[np.float32]]
BOUNDS = {"psnr": 0.1, "ssim": 0.002, "iou": 0.002, "iou_heldout": 0.002}
"""How much of each figure may be lost: dB, then shares of 1; the last is on the masks kept out."""

MOST_KEPT = 0.6
"""Share of the layers that may stay in fp32: beyond, little would be gained."""
GUESS = "guess"
"""Name of the part of a network that makes one (`train.networks.prefill`), as its nodes begin."""
RANK_ON = 12
"""Calibration inputs on which layers are ranked."""


class TooMuchLostError(ValueError):
    """The 8-bit network is not good enough to be written."""


def fits(entry: EngineEntry) -> bool:
    """Tell whether a network makes a matte or is given one: then it is calibrated and measured."""
    return entry.name == "segmenter" or (is_inpainter(entry) and not is_blind(entry))


def calibration(name: str, faces: FaceCrops, count: int) -> Iterator[Inputs]:
    """Yield ``count`` inputs as the network meets them, from varied training faces."""
    for index in range(count):
        rng = np.random.default_rng([7, index])
        sample = faces.varied(faces.draw(rng), rng)
        if name == "segmenter":
            yield {"image": to_input(masked_example(sample, rng)[0])}
        else:
            cover = hole(sample, rng)[None, None]
            yield {"image": to_input(sample.image) * (1 - cover), "matte": cover}


def quality(name: str, engine: Engine, faces: FaceCrops, count: int) -> dict[str, float]:
    """Return the mean figures of `BOUNDS` that hold for this network, on validation faces."""
    rows = [_figures(name, engine, i, sample) for i, sample in spread(faces, count)]
    rows = [row for row in rows if row]
    return {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}


def _figures(name: str, engine: Engine, index: int, sample: Sample) -> dict[str, float]:
    rng = np.random.default_rng([8, index])
    if name == "segmenter":
        return {
            "iou": _iou(engine, sample, rng, "train"),
            "iou_heldout": _iou(engine, sample, np.random.default_rng([9, index]), "heldout"),
        }
    cover = hole(sample, rng)
    if not cover.any():
        return {}
    filled = composite(sample.image, Inpainter(engine)(sample.image, cover), cover)
    row = measure(filled, sample.image, cover > 0.5)
    return {key: row[key] for key in ("psnr", "ssim")}


def _iou(engine: Engine, sample: Sample, rng: np.random.Generator, family: str) -> float:
    image, truth = masked_example(sample, rng, family=family, bare=0.0)
    made = (Segmenter(engine)(image) > 0.5) & sample.valid
    return scores(made, truth > 0.5)["iou"]


def quantise(
    entry: EngineEntry, train: FaceCrops, val: FaceCrops, *, samples: int, count: int
) -> tuple[onnx.ModelProto, dict[str, float]]:
    """Return the 8-bit network and what it loses, by `BOUNDS`' names.

    Raises
    ------
    TooMuchLostError
        if it loses more than `BOUNDS` even with `MOST_KEPT` of its layers in fp32
    """
    plain = folded(entry.path)
    inputs = list(calibration(entry.name, train, samples))
    rough = rounded(plain, inputs, [], correct=False)
    worst = ranked(entry, rough, plain, inputs[:: max(1, len(inputs) // RANK_ON)])
    with OpenVinoEngine(entry) as engine:
        before = quality(entry.name, engine, val, count)
    lost: dict[str, float] = {}
    for kept in range(1 + int(MOST_KEPT * len(worst))):
        # Anew each time: the biases that NNCF corrects depend on all that is rounded before.
        model = rounded(plain, inputs, worst[:kept], correct=True)
        with opened(entry, model) as engine:
            after = quality(entry.name, engine, val, count)
        lost = {key: before[key] - after[key] for key in before}
        layers = "{} of {} convolutions in 8 bits".format(*quantised_layers(model))
        figures = ", ".join(f"{k} {before[k]:.4f} to {after[k]:.4f}" for k in lost)
        print(f"{layers}: {figures}", flush=True)
        if all(lost[key] <= BOUNDS[key] for key in lost):
            return model, lost
    raise TooMuchLostError(
        f"{entry.name}: in 8 bits it loses "
        + ", ".join(f"{lost[key]:.4f} {key} (at most {BOUNDS[key]})" for key in lost)
        + "; not written"
    )


def rounded(
    plain: onnx.ModelProto, inputs: Sequence[Inputs], kept: Sequence[str], *, correct: bool
) -> onnx.ModelProto:
    """Return the network in 8 bits, some convolutions kept in fp32, biases corrected or not."""
    made: onnx.ModelProto = nncf.quantize(
        onnx.ModelProto.FromString(plain.SerializeToString()),
        nncf.Dataset(inputs),
        subset_size=len(inputs),
        preset=nncf.QuantizationPreset.MIXED,  # keeps the zero of what is never negative
        # A first guess at the fill is a picture: in 8 bits it would be off by levels of grey.
        ignored_scope=nncf.IgnoredScope(
            names=list(kept), patterns=[f"/{GUESS}/.*"], validate=False
        ),
        advanced_parameters=AdvancedQuantizationParameters(
            # Without VNNI, sums of 8-bit products overflow: weights keep to half their range.
            overflow_fix=OverflowFix.ENABLE,
            disable_bias_correction=not correct,
        ),
    )
    return made


def ranked(
    entry: EngineEntry, whole: onnx.ModelProto, plain: onnx.ModelProto, inputs: Sequence[Inputs]
) -> list[str]:
    """Return the convolutions, first the one that, rounded alone, changes the output most.

    Alone, because together the worst would hide all others.
    """
    with opened(entry, plain) as engine:
        wanted = [_outputs(engine, given) for given in inputs]

    def error(names: Collection[str]) -> float:
        with opened(entry, restored(whole, plain, names)) as engine:
            made = [_outputs(engine, given) for given in inputs]
        return float(np.mean([np.mean((a - b) ** 2) for a, b in zip(made, wanted, strict=True)]))

    names = set(convolutions(plain))
    return sorted(convolutions(plain), key=lambda name: -error(names - {name}))


def _outputs(engine: Engine, given: Inputs) -> NDArray[np.float32]:
    """Return the output as one array, of an inpainter inside the hole alone."""
    made = np.concatenate([array.ravel() for array in engine(**given).values()])
    inside = given.get("matte")
    return made if inside is None else made * np.tile(inside.ravel(), made.size // inside.size)


@contextmanager
def opened(entry: EngineEntry, model: onnx.ModelProto) -> Iterator[Engine]:
    """Open a model that is no file yet in place of the manifest's own."""
    data = model.SerializeToString()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        path.write_bytes(data)
        other = replace(entry, path=path, sha256=hashlib.sha256(data).hexdigest(), variants={})
        with OpenVinoEngine(other) as engine:
            yield engine


def write(name: str, model: onnx.ModelProto, lost: dict[str, float], engines: Path) -> Path:
    """Write the variant and its entry in the manifest."""
    path, manifest_path = engines / f"{name}-int8.onnx", engines / MANIFEST.name
    data = model.SerializeToString()
    manifest: dict[str, Any] = json.loads(manifest_path.read_text(encoding="utf-8"))
    manifest["engines"][name].setdefault("variants", {})["int8"] = {
        "file": path.name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "quality": {f"{key}_loss": round(value, 5) for key, value in lost.items()},
    }
    text = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False)
    partial, partial_manifest = path.with_suffix(".partial"), manifest_path.with_suffix(".partial")
    partial.write_bytes(data)
    partial_manifest.write_text(text + "\n", encoding="utf-8")
    partial.replace(path)
    partial_manifest.replace(manifest_path)
    return path


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    parser = Command("train.quantise", __doc__)
    parser.add_argument("name", help="segmenter, or an inpainter that is told of the mask")
    parser.add_argument("--data", type=Path, required=True, help="the face data's folder")
    parser.add_argument("--engines", type=Path, default=MANIFEST.parent)
    parser.add_argument("--samples", type=int, default=300, help="training crops to calibrate on")
    parser.add_argument("--count", type=int, default=600, help="validation crops to measure on")
    arguments = parser.parse_args(argv)
    with parser.refusing():
        entries = load_manifest(arguments.engines)
    fitting = [name for name, entry in entries.items() if fits(entry)]
    if arguments.name not in fitting:
        blind = arguments.name in entries and is_blind(entries[arguments.name])
        why = ", as it is blind and would have to be told of the mask" if blind else ""
        parser.error(f"cannot quantise {arguments.name!r}{why}: choose {', '.join(fitting)}")
    if min(arguments.samples, arguments.count) < 1:
        parser.error("--samples and --count must be at least 1")
    cv2.setNumThreads(1)
    entry = entries[arguments.name]
    with parser.refusing():
        entry.verify()
        train, val = (FaceCrops(arguments.data, split) for split in ("train", "val"))
        try:
            found = quantise(entry, train, val, samples=arguments.samples, count=arguments.count)
        except TooMuchLostError as error:  # asked rightly, and tried
            parser.exit(1, f"{error}\n")
    print(write(arguments.name, *found, arguments.engines))


if __name__ == "__main__":
    main()
