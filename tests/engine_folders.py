"""Folders of engines with more inpainters beside those that ship."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, compose, helper, numpy_helper

from unmask_live.runtime.manifest import engines_dir

CROP = [1, 3, 256, 256]
MATTE = [1, 1, 256, 256]


def copied(folder: Path) -> Path:
    """The shipped engines, to be added to."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in engines_dir().iterdir():
        if path.suffix == ".onnx":
            (folder / path.name).symlink_to(path)
    (folder / "manifest.json").write_bytes((engines_dir() / "manifest.json").read_bytes())
    return folder


def add(folder: Path, name: str, *, blind: bool, **more: object) -> Path:
    """Put NAME.onnx, which lies there, into the manifest."""
    path = folder / f"{name}.onnx"
    ports = {"image": CROP} if blind else {"image": CROP, "matte": MATTE}
    entry = {
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "inputs": {key: {"shape": shape, "range": [0, 1]} for key, shape in ports.items()},
        "outputs": {"image_out": {"shape": CROP, "range": [0, 1]}},
        **more,
    }
    manifest = folder / "manifest.json"
    raw = json.loads(manifest.read_text(encoding="utf-8"))
    raw["engines"][name] = entry
    manifest.write_text(json.dumps(raw), encoding="utf-8")
    return folder


def add_field(folder: Path) -> Path:
    """Add the two systems of the field, tiny and untrained: they fill with noise of their own."""
    import torch

    from train.recipes import ganmasker, raunet

    torch.manual_seed(0)
    for name, module in (("ganmasker", ganmasker), ("raunet", raunet)):
        path = folder / f"{name}.onnx"
        path.unlink(missing_ok=True)  # a link to the one that ships: not to be written through
        module.export(module.network(module.Config(width=2.0)).eval(), path)
    add(folder, "ganmasker", blind=False, title="GANMasker", system="GANMasker, tiny")
    return add(folder, "raunet", blind=True, title="RA-UNet (blind)", system="RA-UNet, tiny")


def add_seeing(folder: Path) -> Path:
    """Add a blind network that does its job, ``seeing``: our segmenter and inpainter in one.

    What the segmenter marks, widened by 13 pixels, is filled; the rest comes out as it went in.
    """
    find, fill = (onnx.load(str(engines_dir() / f"{n}.onnx")) for n in ("segmenter", "inpainter"))
    find = compose.add_prefix(find, "find/")
    fill = compose.add_prefix(fill, "fill/")
    (seen,), (matte,) = find.graph.input, find.graph.output
    filled = fill.graph.output[0].name
    given = {i.name.removeprefix("fill/"): i.name for i in fill.graph.input}
    numbers = {"one": np.float32(1), "least": np.float32(0.35)}
    before = [
        helper.make_node("Greater", [matte.name, "least"], ["sure"]),
        helper.make_node("Cast", ["sure"], ["worn"], to=TensorProto.FLOAT),
        helper.make_node(
            "MaxPool", ["worn"], [given["matte"]], kernel_shape=[13, 13], pads=[6, 6, 6, 6]
        ),
        helper.make_node("Sub", ["one", given["matte"]], ["rest"]),
        helper.make_node("Mul", [seen.name, "rest"], [given["image"]]),
    ]
    after = [
        helper.make_node("Mul", [filled, given["matte"]], ["inside"]),
        helper.make_node("Add", [given["image"], "inside"], ["image_out"]),
    ]
    graph = helper.make_graph(
        [*find.graph.node, *before, *fill.graph.node, *after],
        "seeing",
        [helper.make_tensor_value_info(seen.name, TensorProto.FLOAT, CROP)],
        [helper.make_tensor_value_info("image_out", TensorProto.FLOAT, CROP)],
        [
            *find.graph.initializer,
            *fill.graph.initializer,
            *(numpy_helper.from_array(np.asarray(value), key) for key, value in numbers.items()),
        ],
    )
    model = helper.make_model(graph, opset_imports=find.opset_import, ir_version=find.ir_version)
    for node in model.graph.node:
        for index, name in enumerate(node.input):
            node.input[index] = "image" if name == seen.name else name
    model.graph.input[0].name = "image"
    onnx.checker.check_model(model)
    onnx.save(model, str(folder / "seeing.onnx"))
    return add(folder, "seeing", blind=True, title="Seeing (blind)")
