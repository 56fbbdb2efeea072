"""GANMasker's first stage, the mask segmentation of sections 3.1, 3.3.1 and 4.2.

BCE and Dice loss, equally weighted (eqs. 1 to 3); Dice is the segmenter's, with 100 pixels added
above and below so that a bare face counts too. Rate and batch are the paper's; its rate would fall
from step 30,000 on, which 25 epochs of 20,000 pictures in batches of 32 never reach: so it stays
level. The paper does not name the optimiser: Adam.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from train.machine import Machine
from train.networks.ganmasker import FULL_WIDTH, MSeg
from train.recipes import segmenter
from train.recipes.segmenter import export

__all__ = ["ENGINE", "Config", "Recipe", "export", "network"]

ENGINE = "segmenter"


@dataclass(frozen=True)
class Config(segmenter.Config):
    """Settings beside those of `train.recipes.segmenter`.

    Attributes
    ----------
    width : as in `MSeg`
    rate : of Adam
    """

    clip: float = 10.0
    batch: int = 32
    width: float = FULL_WIDTH
    rate: float = 1e-3


class Recipe(segmenter.Recipe):
    """See `train.recipes.segmenter.Recipe`."""

    name = "ganmasker-seg"

    def __init__(
        self, data: Path, config: Config | None = None, machine: Machine | None = None
    ) -> None:
        config = config or Config()
        machine = machine or Machine(config.precision, clip=config.clip)
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
        return self.config.rate

    def losses(self, logits: Tensor, matte: Tensor) -> dict[str, Tensor]:
        """Return both losses of eq. 1."""
        return {
            "bce": nn.functional.binary_cross_entropy_with_logits(logits, matte),
            "dice_loss": segmenter.dice(torch.sigmoid(logits), matte),
        }


def network(config: Config | None = None) -> MSeg:
    """Return the untrained network."""
    return MSeg((config or Config()).width)
