"""What a network is for, as far as what goes in and comes out tells it; nothing else says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

FILLED = "image_out"
"""The output of every inpainter: the crop, filled."""
MATTE = "matte"
"""The input by which an inpainter is told what to fill."""


class Described(Protocol):
    """An `Engine` or the manifest's entry of one: its arrays have names."""

    @property
    def inputs(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def outputs(self) -> Mapping[str, Any]: ...  # noqa: D102


def is_inpainter(network: Described) -> bool:
    """Tell whether a network invents what a mask hides."""
    return FILLED in network.outputs


def is_blind(network: Described) -> bool:
    """Tell whether it is an inpainter that is shown the masked face and told of no mask."""
    return is_inpainter(network) and MATTE not in network.inputs
