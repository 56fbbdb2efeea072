"""Write a trained network into ``engines``: ``python -m train.export inpainter``.

Weights are stored as fp16 and cast back at load, which halves the file and costs nothing that can
be measured; the result is compared with PyTorch through the CPU engine before it is accepted.
The manifest gets shapes and checksum; figures of quality are added by ``python -m train.evaluate``.
A network that can be trained in any size is written in that of ``config.toml`` beside its
checkpoint, and gets a card (`train.cards`); the others' are written by hand. The live inpainter may
be of either form, gated or residual: which, its checkpoint says.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import openvino
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from train import cards
from train import config as settings
from train.checkpoint import recipe_of
from train.command import Command
from train.fit import module_of
from train.onnx_file import sign
from train.torch_engine import network_in
from unmask_live.errors import UserError
from unmask_live.runtime.kinds import is_blind

MANIFEST = Path("engines/manifest.json")
TOLERANCE = 2e-2
"""Largest difference to PyTorch that is accepted, in units of the output's range."""
LICENCE = "Apache-2.0 code; weights for research and non-commercial use only (see card)"
TRAINING_DATA = (
    "CelebA-HQ, LFW, UTKFace, RMFD, CelebA crops and GAN portraits with MediaPipe labels; "
    "masks synthesised by train/masks; several sources allow research use only"
)
MEANING: dict[str, dict[str, str]] = {
    "finder": {
        "image": "RGB frame letterboxed to 320x192 with grey 114",
        "heat": "how sure a face's centre lies in the 4x4 pixel cell",
        "geometry": "cells: left, top, right, bottom, then five keypoints x, y",
    },
    "segmenter": {
        "image": "RGB, aligned crop",
        "matte": "how much of the pixel is mask",
    },
    "inpainter": {
        "image": "RGB, aligned crop, zero where the matte is",
        "matte": "1 where to fill",
        "image_out": "RGB; only what lies inside the matte is supervised",
    },
}
# RN is not among them: it thresholds its own maps, so the rounding of weights to fp16 can move a
# pixel to the other region, and its file then fails the comparison.
TOLD = (
    "inpainter-small",
    "inpainter-residual",
    "ganmasker",
    "mcsam",
    "gatedconv",
    "glcic",
    "pconv",
)
MEANING |= dict.fromkeys(TOLD, MEANING["inpainter"])
MEANING["raunet"] = {
    "image": "RGB, aligned crop with the mask on",
    "image_out": "RGB, the crop with no mask on",
}
PEOPLE = {
    "inpainter": ("M-CSAM", "M-CSAM, slimmed to run live on two CPU cores"),
    "inpainter-small": ("M-CSAM small", "the same with fewer channels, at half the cost"),
    "inpainter-residual": ("M-CSAM residual", "M-CSAMs in GANMasker's residual U-Net"),
    "ganmasker": ("GANMasker", "GANMasker's second stage (FU-Net), softer than ours"),
    "mcsam": ("M-CSAM's paper", "M-CSAM's generator as its paper has it"),
    "gatedconv": ("GatedConv", "GatedConv, coarse to fine, with contextual attention"),
    "glcic": ("GLCIC", "GLCIC, dilated convolutions and two judges"),
    "pconv": ("partial convolution", "PConv, a U-Net of partial convolutions"),
    "raunet": ("RA-UNet (blind)", "RA-UNet, told of no mask, softer than ours"),
}
"""Title and a line about the network, for those who choose an inpainter; size goes behind it where
that is not always the same."""
FORMS = {
    "inpainter": ("inpainter", "inpainter-residual"),
    "inpainter-small": ("inpainter-small", "inpainter-residual"),
}
"""Recipes whose networks may ship as an engine, where that is not the recipe of its name alone."""
UNBOUNDED = {"geometry"}


def halve(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with its larger float32 weights stored as fp16 plus a cast."""
    kept, casts = [], []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or int(np.prod(tensor.dims)) < 64:
            kept.append(tensor)
            continue
        small = f"{tensor.name}.fp16"
        kept.append(
            numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), small)
        )
        casts.append(helper.make_node("Cast", [small], [tensor.name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def worst_difference(net: nn.Module, path: Path, *, trials: int = 4) -> float:
    """Return the largest difference between PyTorch and the CPU engine on random input.

    In units of the output's own largest value, over every output.
    """
    # In fp32 whatever the processor likes better: what is looked for are faults of the export.
    options = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.Core().compile_model(str(path), "CPU", options)
    generator = torch.Generator().manual_seed(0)
    worst = 0.0
    for _ in range(trials):
        inputs = [torch.rand(list(i.shape), generator=generator) for i in compiled.inputs]
        if len(inputs) == 2:  # the inpainter's matte is 0 or 1, and the image zero under it
            inputs[1] = (inputs[1] > 0.5).float()
            inputs[0] = inputs[0] * (1 - inputs[1])
        with torch.no_grad():
            made = net(*inputs)
        wanted = made if isinstance(made, tuple) else (made,)
        got = compiled([i.numpy() for i in inputs])
        for index, tensor in enumerate(wanted):
            reference = tensor.numpy()
            difference = np.abs(got[index] - reference).max()
            worst = max(worst, float(difference / max(np.abs(reference).max(), 1e-6)))
    return worst


def entry(name: str, path: Path) -> dict[str, Any]:
    """Return the manifest's entry for a file; nothing measured yet, version still open."""
    model = openvino.Core().read_model(str(path))

    def specs(ports: list[Any]) -> dict[str, Any]:
        return {
            port.any_name: {
                "shape": [int(n) for n in port.shape],
                "dtype": "float32",
                "range": None if port.any_name in UNBOUNDED else [0, 1],
                "meaning": MEANING[name][port.any_name],
            }
            for port in ports
        }

    title, system = PEOPLE.get(name, ("", ""))
    people = {"title": title, "system": system} if title else {}
    return people | {
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "version": "1",
        "inputs": specs(model.inputs),
        "outputs": specs(model.outputs),
        "card": f"{name}.md",
        "training_data": TRAINING_DATA,
        "licence": LICENCE,
        "quality": {},
    }


def export(name: str, checkpoint: Path, engines: Path) -> float:
    """Write ``engines/NAME.onnx`` and its manifest entry; return the worst difference found.

    Raises
    ------
    ValueError
        if the engine does not compute what PyTorch does
    UserError
        if the checkpoint is of another network, or learnt from crops that the program does not cut
    """
    made_by = recipe_of(checkpoint)
    recipe = made_by if made_by in FORMS.get(name, ()) else name
    net = network_in(checkpoint, recipe).eval()
    config = _config(recipe, checkpoint)
    engines.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / f"{name}.onnx"
        module_of(recipe).export(net, raw)
        model = halve(onnx.load(str(raw)))
        sign(model, recipe, settings.text(_told(config)))
        onnx.save(model, str(raw))
        worst = worst_difference(net, raw)
        if worst > TOLERANCE:
            raise ValueError(f"{name}: the engine is off by {worst:.3g} of the range; not exported")
        made = entry(name, raw)
        if name in cards.NETWORKS:
            size = cards.size_of(net, blind=is_blind(SimpleNamespace(**made)))
            made["system"] = f"{made['system']}, {size}"
        path = engines / f"{name}.onnx"
        partial = path.with_suffix(".partial")
        partial.write_bytes(raw.read_bytes())
    manifest_path = engines / MANIFEST.name
    manifest: dict[str, Any] = {"engines": {}}
    if manifest_path.exists():
        manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
    before = manifest["engines"].get(name, {})
    made["version"] = str(int(before.get("version", 0)) + (before.get("sha256") != made["sha256"]))
    variants = before.get("variants", {})
    if before.get("sha256") == made["sha256"]:
        made["quality"] = before["quality"]  # the same network: its figures still hold
        if "measured_on" in before:
            made["measured_on"] = before["measured_on"]
        made |= {"variants": variants} if variants else {}
        variants = {}
    manifest["engines"][name] = made
    text = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False)
    partial_manifest = manifest_path.with_suffix(".partial")
    partial_manifest.write_text(text + "\n", encoding="utf-8")
    # Both at once or nearly so: a network that its manifest does not know counts as damaged.
    partial.replace(path)
    partial_manifest.replace(manifest_path)
    if name in cards.NETWORKS:
        taught = getattr(config, "teacher", "")
        cards.write(engines / made["card"], name, checkpoint, made["system"], taught)
    for stale in variants.values():  # of the network before; `train.quantise` makes new ones
        (engines / stale["file"]).unlink(missing_ok=True)
    return worst


def _config(recipe: str, checkpoint: Path) -> settings.Common:
    """Return the settings beside a checkpoint; refuse those that cut other crops."""
    file = checkpoint.with_name("config.toml")
    kind: type[settings.Common] = module_of(recipe).Config
    config = settings.read(file, kind) if file.exists() else kind()
    if (config.side, config.cut) != (kind.side, kind.cut):
        raise UserError(
            f"{checkpoint} was trained on crops of {config.side}², cut by {config.cut!r}: the "
            f"program cuts {kind.side}², by {kind.cut!r}"
        )
    return config


def _told(config: settings.Common) -> settings.Common:
    """Return the settings without what names folders of this machine."""
    local = {"cache", "teacher", "features_weights"} & {f.name for f in dataclasses.fields(config)}
    return dataclasses.replace(config, **dict.fromkeys(local, ""))  # type: ignore[arg-type]


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    parser = Command("train.export", __doc__)
    parser.add_argument("name", choices=sorted(MEANING))
    parser.add_argument("--checkpoint", type=Path, help="default runs/NAME/last.pt")
    parser.add_argument("--engines", type=Path, default=MANIFEST.parent)
    arguments = parser.parse_args(argv)
    checkpoint = arguments.checkpoint or Path("runs") / arguments.name / "last.pt"
    with parser.refusing():
        worst = export(arguments.name, checkpoint, arguments.engines)
    print(f"{arguments.engines / arguments.name}.onnx: differs from PyTorch by {worst:.2g} at most")


if __name__ == "__main__":
    main()
