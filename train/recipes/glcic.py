"""GLCIC as its paper trains it: Iizuka et al. 2017, sections 3.4 and 4.

Squared error in the hole (eq. 2), then the two discriminators (eqs. 3 and 4) with a weight of 4e-4,
AdaDelta, batches of 96. Of 500,000 steps the paper gives 90,000 to the completion network alone,
10,000 to the discriminator alone and the rest to both: the same shares of any length here.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from train import losses
from train.networks.glcic import FULL_WIDTH, Completion, Judge
from train.recipes import filling
from train.recipes.filling import ENGINE, export
from unmask_live.errors import UserError

__all__ = ["ENGINE", "ROWS", "Config", "Recipe", "export", "network"]

ROWS: dict[str, tuple[str, ...]] = {"GLCIC": ()}
"""Rows of `train.table`: names and what is set."""
ALONE, TOGETHER = 0.18, 0.2
"""Shares of the training at which the judge begins, and at which the network goes on."""


@dataclass(frozen=True)
class Config(filling.Config):
    """Settings beside those of `train.recipes.filling`.

    Attributes
    ----------
    squared : weight of the squared error
    """

    batch: int = 96
    width: float = FULL_WIDTH
    rate: float = 1.0
    squared: float = 1.0
    adversarial: float = 4e-4


class Recipe(filling.Recipe):
    """See `train.recipes.filling.Recipe`."""

    name = "glcic"
    config_type = Config

    @staticmethod
    def build(config: filling.Config) -> nn.Module:
        """Return the untrained network."""
        return Completion(config.width)

    @staticmethod
    def judge(config: filling.Config) -> nn.Module:
        """Return the untrained judge."""
        if config.side & (config.side - 1):
            raise UserError(
                f"side is {config.side}: GLCIC's judges halve it down to 4, wanted a power of 2"
            )
        return Judge(config.judge_width, side=config.side)

    def losses(self, stages: tuple[Tensor, ...], truth: Tensor, cover: Tensor) -> dict[str, Tensor]:
        """Return the squared error where the hole is."""
        return {"squared": losses.masked_l2(stages[-1], truth, cover)}

    def fooling(self, fake: Tensor) -> Tensor:
        """Return how far scores are from those of true pictures."""
        return losses.cross_entropy_generator(fake)

    def judging(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the cross-entropy of true and made."""
        return losses.cross_entropy_discriminator(real, fake)

    def optimizer(self, net: nn.Module) -> torch.optim.Optimizer:
        """Return AdaDelta, which sets its rate itself."""
        return torch.optim.Adadelta(net.parameters(), self.config.rate)

    def phase(self, progress: float) -> tuple[bool, bool]:
        """Return whether the generator learns, and whether the judge does."""
        if not self.config.adversarial:
            return True, False
        return not ALONE <= progress < TOGETHER, progress >= ALONE


def network(config: Config | None = None) -> Completion:
    """Return the untrained network."""
    return Completion((config or Config()).width)
