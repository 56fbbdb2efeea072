"""The M-CSAM paper's segmenter, section 3.1: its U-Net, binary cross-entropy alone.

The paper says no more of this training, so optimiser and rate are those of its generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from train.machine import Machine
from train.networks.unet import UNet
from train.recipes import segmenter
from train.recipes.segmenter import export
from train.schedule import level_then_linear

__all__ = ["Config", "Recipe", "export", "network"]


@dataclass(frozen=True)
class Config(segmenter.Config):
    """Settings beside those of `train.recipes.segmenter`.

    Attributes
    ----------
    width : as in `UNet`
    rate : of Adam
    """

    width: int = 64
    rate: float = 2e-4


class Recipe(segmenter.Recipe):
    """See `train.recipes.segmenter.Recipe`."""

    name = "unet"

    def __init__(
        self, data: Path, config: Config | None = None, machine: Machine | None = None
    ) -> None:
        config = config or Config()
        super().__init__(data, config, machine)
        self.optimizers = {
            "net": torch.optim.Adam(self.nets["net"].parameters(), config.rate, betas=(0.5, 0.999))
        }

    @staticmethod
    def build(config: segmenter.Config) -> nn.Module:
        """Return the untrained network."""
        assert isinstance(config, Config)
        return network(config)

    def rate(self, progress: float) -> float:
        """Return the learning rate."""
        return self.config.rate * level_then_linear(progress)

    def losses(self, logits: Tensor, matte: Tensor) -> dict[str, Tensor]:
        """Return the one loss."""
        return {"bce": nn.functional.binary_cross_entropy_with_logits(logits, matte)}


def network(config: Config | None = None) -> UNet:
    """Return the untrained network."""
    return UNet((config or Config()).width)
