"""What a network costs: the multiply–adds of its graph, counted from the shapes of its layers.

Counted are convolutions, transposed convolutions and matrix products; what is added, scaled or
moved about between them is not, as in the counts of papers. Layers inside loops and branches are
not looked into: none of ours has any.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from unmask_live.errors import UserError
from unmask_live.runtime.openvino_core import the_core

_FORWARD = ("Convolution", "GroupConvolution")
_TRANSPOSED = ("ConvolutionBackpropData", "GroupConvolutionBackpropData")
FLOP_PER_MAC = 2
"""A multiplication and an addition."""


def gmac(path: Path) -> float:
    """Return the multiply–adds of an ONNX file's network for one call, in 10⁹.

    Raises
    ------
    UserError
        if the shape of a heavy layer is not fixed
    """
    return macs(the_core().read_model(str(path))) / 1e9


def macs(model: Any) -> int:
    """Return the multiply–adds of one call of an OpenVINO model; raises as `gmac`."""
    return sum(_layer(layer) for layer in model.get_ops())


def _layer(layer: Any) -> int:
    kind = layer.get_type_name()
    if kind in _FORWARD:  # every output pixel sees the whole kernel, borders included
        return _pixels(_shape(layer.output(0), layer)) * _size(layer)
    if kind in _TRANSPOSED:  # every input pixel is spread over the whole kernel
        return _pixels(_shape(layer.input(0), layer)) * _size(layer)
    if kind == "MatMul":
        left = _shape(layer.input(0), layer)
        turned = layer.get_attributes()["transpose_a"] and len(left) > 1
        return math.prod(_shape(layer.output(0), layer)) * left[-2 if turned else -1]
    return 0


def _size(layer: Any) -> int:
    """Return how many weights a convolution has: [groups,] outputs × inputs × kernel."""
    return math.prod(_shape(layer.input(1), layer))


def _pixels(shape: tuple[int, ...]) -> int:
    """Return items × positions of a shape N×C×...; its channels are in the weights."""
    return shape[0] * math.prod(shape[2:])


def _shape(port: Any, layer: Any) -> tuple[int, ...]:
    sides = port.get_partial_shape()
    if sides.is_dynamic:
        raise UserError(
            f"the cost of this network cannot be counted: the layer {layer.get_friendly_name()!r} "
            "has no fixed shape; export it with fixed shapes"
        )
    return tuple(int(side.get_length()) for side in sides)
