"""GatedConv, coarse to fine, as its paper trains it: Yu et al. 2019, section 3.2.

L1 of both stages over the whole picture and the hinge loss of SN-PatchGAN, weighted 1 to 1. Adam at
1e-4, batches of 16, as in the authors' code.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from train import losses
from train.machine import Through
from train.networks.gatedconv import FULL_WIDTH, CoarseToFine, SNPatchJudge
from train.recipes import filling
from train.recipes.filling import ENGINE, export

__all__ = ["ENGINE", "ROWS", "Config", "Recipe", "export", "network"]

ROWS: dict[str, tuple[str, ...]] = {"GatedConv": ()}
"""Rows of `train.table`: names and what is set."""


@dataclass(frozen=True)
class Config(filling.Config):
    """Settings beside those of `train.recipes.filling`.

    Attributes
    ----------
    coarse, fine : weights of the two stages' L1
    """

    width: float = FULL_WIDTH
    rate: float = 1e-4
    coarse: float = 1.0
    fine: float = 1.0
    adversarial: float = 1.0


class Recipe(filling.Recipe):
    """See `train.recipes.filling.Recipe`."""

    name = "gatedconv"
    config_type = Config

    @staticmethod
    def build(config: filling.Config) -> nn.Module:
        """Return the untrained network."""
        return CoarseToFine(config.width)

    @staticmethod
    def judge(config: filling.Config) -> nn.Module:
        """Return the untrained judge."""
        return SNPatchJudge(config.judge_width)

    @staticmethod
    def training_form(net: nn.Module) -> nn.Module:
        """Return the network with both its stages."""
        return Through(net, "stages")

    def losses(self, stages: tuple[Tensor, ...], truth: Tensor, cover: Tensor) -> dict[str, Tensor]:
        """Return the L1 of both stages."""
        coarse, fine = stages
        return {"coarse": losses.l1(coarse, truth), "fine": losses.l1(fine, truth)}

    def fooling(self, fake: Tensor) -> Tensor:
        """Return the generator's side of the hinge loss."""
        return -fake.float().mean()

    def judging(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the judge's side of the hinge loss."""
        return losses.hinge_discriminator(real, fake)


def network(config: Config | None = None) -> CoarseToFine:
    """Return the untrained network."""
    return CoarseToFine((config or Config()).width)
