"""Small things done to ONNX graphs; names and values as the graph stores them."""

from __future__ import annotations

from typing import Any

import numpy as np


def stored(graph: Any) -> dict[str, Any]:
    """Return every stored value by name."""
    from onnx import numpy_helper

    return {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}


def store(graph: Any, name: str, value: Any) -> None:
    """Store a value, unless one of that name is there."""
    from onnx import numpy_helper

    if all(tensor.name != name for tensor in graph.initializer):
        graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(value), name))


def port_for(name: str, array: Any) -> Any:
    """Return the description of an input that takes an array like this."""
    from onnx import helper

    return helper.make_tensor_value_info(
        name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape
    )


def replace_items(field: Any, items: list[Any]) -> None:
    """Put these into a repeated field, some of its own among them."""
    copies = [type(item).FromString(item.SerializeToString()) for item in items]
    del field[:]
    field.extend(copies)


def drop_unused(graph: Any) -> None:
    """Drop stored values that nothing needs."""
    used = {name for node in graph.node for name in node.input}
    used |= {port.name for port in graph.output}
    replace_items(
        graph.initializer, [tensor for tensor in graph.initializer if tensor.name in used]
    )
