"""A network's ONNX graph made ready for a compiler that takes precision and batch from it.

Needs the ``onnx`` package, which the extra ``gpu`` brings. Everything is a new graph: the shipped
file is never written to.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from unmask_live.runtime import graph_half, graph_parts
from unmask_live.runtime.engine import BackendUnavailable
from unmask_live.runtime.graph_half import halve, in_fp32
from unmask_live.runtime.graph_parts import (
    drop_unused,
    port_for,
    replace_items,
    store,
    stored,
)

PRECISIONS = ("fp16", "mixed", "fp32")
"""From the fastest to the safest; "mixed" keeps in fp32 what loses most in 16 bits."""


@cache
def rules() -> str:
    """Return a short name for how graphs are rewritten here: another one wants other plans.

    It is that of the code itself, so that nobody has to think of it.
    """
    files = [Path(module.__file__ or "") for module in (graph_half, graph_parts)]
    text = b"".join(file.read_bytes() for file in (Path(__file__), *files) if file.is_file())
    return hashlib.sha256(text).hexdigest()[:12]


def rewritten(path: Path, precision: str) -> bytes:
    """Return an ONNX file's graph for any batch and in a precision; inputs and outputs stay fp32.

    Raises
    ------
    BackendUnavailable
        if the ``onnx`` package is missing
    """
    try:
        import onnx
    except ImportError as error:
        raise BackendUnavailable(
            f"the onnx package is missing ({error}): pip install 'unmask-live[gpu]'"
        ) from error
    model = onnx.load(str(path))
    fold_constants(model)
    fold_norms(model)
    free_batch(model)
    if precision != "fp32":
        halve(model, in_fp32(model) if precision == "mixed" else frozenset())
    del model.graph.value_info[:]
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data


def fold_constants(model: Any) -> None:
    """Compute, once, every node that sees nothing but stored values."""
    import onnx
    from onnx.reference import ReferenceEvaluator

    graph = model.graph
    known = stored(graph)
    left = []
    for node in graph.node:
        if node.op_type != "Constant" and not all(name in known for name in node.input if name):
            left.append(node)
            continue
        inputs = {name: known[name] for name in node.input if name}
        ports = [port_for(name, array) for name, array in inputs.items()]
        outputs = [onnx.ValueInfoProto(name=name) for name in node.output]
        alone = onnx.helper.make_model(
            onnx.helper.make_graph([node], "one", ports, outputs),
            opset_imports=model.opset_import,
        )
        made = ReferenceEvaluator(alone).run(None, inputs)
        for name, value in zip(node.output, made, strict=True):
            known[name] = np.asarray(value)
            graph.initializer.append(onnx.numpy_helper.from_array(known[name], name))
    replace_items(graph.node, left)
    drop_unused(graph)


def fold_norms(model: Any) -> None:
    """Put every normalisation that follows a convolution into its weights, in fp32.

    In 16 bits a small variance would be rounded to nothing.
    """
    graph = model.graph
    known = stored(graph)
    makers = {node.output[0]: node for node in graph.node}
    uses = [name for node in graph.node for name in node.input]
    left = []
    for node in graph.node:
        conv = makers.get(node.input[0]) if node.op_type == "BatchNormalization" else None
        if conv is None or conv.op_type != "Conv" or uses.count(conv.output[0]) > 1:
            left.append(node)
            continue
        gain, shift, mean, variance = (known[name].astype(np.float64) for name in node.input[1:5])
        epsilon = next((a.f for a in node.attribute if a.name == "epsilon"), 1e-5)
        factor = gain / np.sqrt(variance + epsilon)
        weight = known[conv.input[1]]
        bias = known[conv.input[2]] if len(conv.input) > 2 else np.zeros(len(weight))
        names = [f"{conv.output[0]}.weight", f"{conv.output[0]}.bias"]
        values = (
            weight * factor.reshape(-1, *[1] * (weight.ndim - 1)),
            (bias - mean) * factor + shift,
        )
        for name, value in zip(names, values, strict=True):
            store(graph, name, value.astype(np.float32))
        conv.input[1:] = names
        conv.output[0] = node.output[0]
    replace_items(graph.node, left)
    drop_unused(graph)


def free_batch(model: Any) -> None:
    """Let the first axis of inputs and outputs be any number, where the graph says one."""
    from onnx import helper

    graph = model.graph
    known = stored(graph)
    lead = graph.input[0].name
    for port in (*graph.input, *graph.output):
        port.type.tensor_type.shape.dim[0].dim_param = "batch"
    nodes: list[Any] = []
    for node in graph.node:
        if node.op_type == "Reshape" and node.input[1] in known:
            target = known[node.input[1]]
            if len(target) and target[0] == 1:
                name = f"{node.output[0]}.shape"
                store(graph, name, np.concatenate([[0], target[1:]]).astype(np.int64))
                node.input[1] = name  # 0: as many as come in
        elif node.op_type == "Concat" and not all(name in known for name in node.input):
            for place, name in enumerate(node.input):
                if name in known and known[name].ndim > 1 and len(known[name]) == 1:
                    node.input[place] = f"{name}.{node.output[0]}"
                    nodes += _expanded(graph, lead, name, known[name].shape, node.input[place])
        nodes.append(node)
    shape = helper.make_node("Shape", [lead], ["batch.shape"])
    first = helper.make_node("Slice", ["batch.shape", "batch.0", "batch.1"], ["batch.count"])
    if any("batch.count" in node.input for node in nodes):
        store(graph, "batch.0", np.array([0], np.int64))
        store(graph, "batch.1", np.array([1], np.int64))
        nodes = [shape, first, *nodes]
    replace_items(graph.node, nodes)
    del graph.value_info[:]


def _expanded(graph: Any, lead: str, name: str, shape: tuple[int, ...], result: str) -> list[Any]:
    """Return nodes that repeat a stored value as often as there are items."""
    from onnx import helper

    store(graph, f"{result}.rest", np.array(shape[1:], np.int64))
    return [
        helper.make_node("Concat", ["batch.count", f"{result}.rest"], [f"{result}.shape"], axis=0),
        helper.make_node("Expand", [name, f"{result}.shape"], [result]),
    ]
