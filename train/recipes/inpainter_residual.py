"""The live inpainter in another form: of residual blocks; same training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import nn

from train.networks.residual import WIDTH, ResidualInpainter
from train.recipes import inpainter
from train.recipes.inpainter import PREFILLED, export

__all__ = ["ENGINE", "ROWS", "VARIANTS", "Config", "Recipe", "export", "network"]

ENGINE = "inpainter"
ROWS: dict[str, tuple[str, ...]] = {
    "M-CSAM, live, residual": (),
    "M-CSAM, live, deep": ("levels=7",),
    "M-CSAM, live, deep, prefilled": ("levels=7", *PREFILLED),
}
VARIANTS: dict[str, tuple[str, ...]] = {
    "deep": ("width=13.75", "levels=7"),
    "deep, stem of 2": ("width=16", "levels=7", "stem=2"),
    "deep, stem of 2, prefilled": ("width=16", "levels=7", "stem=2", *PREFILLED),
    "deep, stem of 2, prefilled, narrow": ("width=12", "levels=7", "stem=2", *PREFILLED),
    "deep, stem of 4, prefilled": ("width=16", "levels=7", "stem=4", *PREFILLED),
}
"""What `train.table --variants` compares beside those of the live network."""


@dataclass(frozen=True)
class Config(inpainter.Training):
    """Settings of the usual training, and of this network.

    Attributes
    ----------
    rate : higher: batch normalisation bears it
    width, levels, stem, prefill : see `train.networks.residual`
    """

    rate: float = 1e-3
    width: float = WIDTH
    levels: int = 5
    stem: int = 1
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
    return ResidualInpainter(
        config.width, levels=config.levels, stem=config.stem, prefill=config.prefill
    )
