"""A network's ONNX graph in 16 bits, some of it in fp32 still."""

from __future__ import annotations

from typing import Any

import numpy as np

from unmask_live.runtime.graph_parts import drop_unused, replace_items, store, stored

SENSITIVE = frozenset({"Exp", "Sigmoid", "Softmax", "Elu", "ReduceMean"})
"""What "mixed" computes in fp32, beside the first and the last convolution."""
_FLOAT_SIDE = {"Resize": (1, 2)}
"""Inputs that ONNX wants in fp32 whatever the data is in: a resize's region and scales."""


def in_fp32(model: Any) -> frozenset[str]:
    """Return the names of the outputs of all nodes that "mixed" leaves in fp32."""
    convolutions = [node.output[0] for node in model.graph.node if node.op_type == "Conv"]
    chosen = {node.output[0] for node in model.graph.node if node.op_type in SENSITIVE}
    return frozenset(chosen | {*convolutions[:1], *convolutions[-1:]})


def halve(model: Any, kept: frozenset[str]) -> None:
    """Compute in fp16 all but the nodes whose first output is in ``kept``."""
    import onnx
    from onnx import TensorProto

    graph = model.graph
    typed = onnx.shape_inference.infer_shapes(model, strict_mode=True).graph
    ports = (*typed.value_info, *typed.input, *typed.output)
    floats = {p.name for p in ports if p.type.tensor_type.elem_type == TensorProto.FLOAT}
    known = stored(graph)
    floats |= {name for name, array in known.items() if array.dtype == np.float32}
    ends = {port.name for port in graph.output} & floats
    nodes = [_cast(p.name, half_of(p.name), TensorProto.FLOAT16) for p in graph.input]
    for node in graph.node:
        exact = node.output[0] in kept
        for place, name in enumerate(node.input):
            if name not in floats or place in _FLOAT_SIDE.get(node.op_type, ()):
                continue
            if name in known:
                if not exact:
                    store(graph, half_of(name), _clipped(known[name]))
                    node.input[place] = half_of(name)
            elif exact:
                fresh = f"{node.output[0]}.in{place}"
                nodes.append(_cast(half_of(name), fresh, TensorProto.FLOAT))
                node.input[place] = fresh
            else:
                node.input[place] = half_of(name)
        made = [name for name in node.output if name in floats]
        nodes.append(node)
        for place, name in enumerate(node.output):
            if name in made and not exact:
                node.output[place] = half_of(name)
        for name in made:
            if exact:
                nodes.append(_cast(name, half_of(name), TensorProto.FLOAT16))
            elif name in ends:
                nodes.append(_cast(half_of(name), name, TensorProto.FLOAT))
    replace_items(graph.node, nodes)
    drop_unused(graph)


def half_of(name: str) -> str:
    """Return the name of a tensor's copy in fp16."""
    return f"{name}.half"


def _clipped(array: Any) -> Any:
    limit = float(np.finfo(np.float16).max)
    return np.clip(array, -limit, limit).astype(np.float16)


def _cast(name: str, result: str, to: int) -> Any:
    from onnx import helper

    return helper.make_node("Cast", [name], [result], to=to)
