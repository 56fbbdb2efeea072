"""ONNX files on the way to 8 bits: folded before, and layer by layer put back after."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from pathlib import Path

import onnx
import onnxruntime
from onnx import GraphProto, ModelProto, NodeProto, TensorProto


def folded(path: Path) -> ModelProto:
    """Return the network in fp32, its fp16 weights cast and its normalisations in the convolutions.

    What is multiplied after a convolution would else be rounded once more.
    """
    settings = onnxruntime.SessionOptions()
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    settings.log_severity_level = 4
    with tempfile.TemporaryDirectory() as folder:
        settings.optimized_model_filepath = str(Path(folder) / "folded.onnx")
        onnxruntime.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])
        return onnx.load(settings.optimized_model_filepath)


def convolutions(model: ModelProto) -> list[str]:
    """Return the names of all convolutions, from the inputs to the outputs."""
    return [node.name for node in model.graph.node if node.op_type == "Conv"]


def restored(model: ModelProto, plain: ModelProto, names: Collection[str]) -> ModelProto:
    """Return a copy of a quantised model in which some convolutions are as they were.

    What flows is left unrounded where it reaches none but these.

    Parameters
    ----------
    model : as NNCF made it: 8-bit weights behind a DequantizeLinear, and pairs of Quantize- and
        DequantizeLinear where what flows is rounded
    plain : what it was made from; weights come from here, and biases, which NNCF corrects
    names : of the convolutions
    """
    out = ModelProto.FromString(model.SerializeToString())
    before = {tensor.name: tensor for tensor in plain.graph.initializer}
    original = {node.name: node for node in plain.graph.node}
    for node in out.graph.node:
        if node.op_type == "Conv" and node.name in names:
            for place, name in enumerate(original[node.name].input[1:], 1):
                kept = TensorProto.FromString(before[name].SerializeToString())
                kept.name = node.input[place] = f"{node.name}.{place}"
                out.graph.initializer.append(kept)
    graph = out.graph
    forth = {n.output[0]: n.input[0] for n in graph.node if n.op_type == "QuantizeLinear"}
    pairs = {n.output[0]: forth[n.input[0]] for n in graph.node if n.input and n.input[0] in forth}
    spared = {
        name: exact
        for name, exact in pairs.items()
        if (reached := _reached(graph, name)) and reached <= set(names)
    }
    for node in graph.node:
        for place, name in enumerate(node.input):
            if name in spared:
                node.input[place] = spared[name]
    _drop_unused(graph)
    onnx.checker.check_model(out)
    return out


def quantised_layers(model: ModelProto) -> tuple[int, int]:
    """Return how many convolutions take 8-bit weights, and how many there are."""
    made = {node.output[0] for node in model.graph.node if node.op_type == "DequantizeLinear"}
    heavy = [node for node in model.graph.node if node.op_type == "Conv"]
    return sum(node.input[1] in made for node in heavy), len(heavy)


def _reached(graph: GraphProto, name: str) -> set[str]:
    """Return the names of the first convolutions on every way from a tensor to the outputs."""
    users: dict[str, list[NodeProto]] = {}
    for node in graph.node:
        for each in node.input:
            users.setdefault(each, []).append(node)
    found, seen, left = set(), set(), [name]
    while left:
        for node in users.get(left.pop(), ()):
            if node.op_type == "Conv":
                found.add(node.name)
            else:
                left += [each for each in node.output if each not in seen]
                seen |= set(node.output)
    return found


def _drop_unused(graph: GraphProto) -> None:
    """Drop nodes and stored values that nothing needs any more."""
    used = {port.name for port in graph.output}
    kept = []
    for node in reversed(graph.node):  # stored in order: users come after makers
        if used & set(node.output):
            kept.append(NodeProto.FromString(node.SerializeToString()))
            used |= set(node.input)
    stored = [t.SerializeToString() for t in graph.initializer if t.name in used]
    del graph.node[:], graph.initializer[:], graph.value_info[:]
    graph.node.extend(reversed(kept))
    graph.initializer.extend(TensorProto.FromString(data) for data in stored)
