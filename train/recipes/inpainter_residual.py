"""The live inpainter in another form: at full resolution, of residual blocks; same training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import nn

from train.networks.residual import WIDTH, ResidualInpainter
from train.recipes import inpainter
from train.recipes.inpainter import PREFILLED, export

__all__ = ["ENGINE", "ROWS", "Config", "Recipe", "export", "network"]

ENGINE = "inpainter"
ROWS: dict[str, tuple[str, ...]] = {
    "M-CSAM, live, residual": (),
    "M-CSAM, live, deep": ("levels=7",),
    "M-CSAM, live, deep, prefilled": ("levels=7", *PREFILLED),
}


@dataclass(frozen=True)
class Config(inpainter.Training):
    """Settings of the usual training, and of this network.

    Attributes
    ----------
    rate : higher: batch normalisation bears it
    width, levels, prefill : see `train.networks.residual`
    """

    rate: float = 1e-3
    width: float = WIDTH
    levels: int = 5
    prefill: bool = False


class Recipe(inpainter.Recipe):
    """See `train.recipes.inpainter.Recipe`."""

    name = "inpainter-residual"
    config_type = Config

    def build(self, config: Any) -> nn.Module:
        """Return the untrained network."""
        return network(config)


def network(config: Config | None = None) -> ResidualInpainter:
    """Return the untrained network."""
    config = config or Config()
    return ResidualInpainter(config.width, levels=config.levels, prefill=config.prefill)
