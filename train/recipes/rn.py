"""Region normalisation as its paper trains it: Yu et al. 2020, section 4.1.

Four losses with the weights 1, 0.1, 0.1 and 250 of EdgeConnect, whose network it takes over: L1,
adversarial, perceptual and style. As in its authors' code, L1 is of the composite over the share
of the hole, the adversarial loss is cross-entropy with EdgeConnect's judge (spectrally normalised,
told of no mask) at a tenth of the rate, Adam's rate is 1e-4 with betas of 0 and 0.9. That code has
neither perceptual nor style loss, and shows its judge the whole output; here it sees the composite,
as every judge does.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from train import losses
from train.networks.ganmasker import Judge
from train.networks.inpainter import composite
from train.networks.rn import FULL_WIDTH, RegionNormNet
from train.recipes import filling
from train.recipes.filling import ENGINE, export

__all__ = ["ENGINE", "ROWS", "Config", "Recipe", "export", "network"]

ROWS: dict[str, tuple[str, ...]] = {"RN": ()}
"""Rows of `train.table`: names and what is set."""


@dataclass(frozen=True)
class Config(filling.Config):
    """Settings beside those of `train.recipes.filling`.

    Attributes
    ----------
    l1 : its weight
    """

    batch: int = 14
    width: float = FULL_WIDTH
    rate: float = 1e-4
    l1: float = 1.0
    adversarial: float = 0.1
    perceptual: float = 0.1
    style: float = 250.0


class Recipe(filling.Recipe):
    """See `train.recipes.filling.Recipe`."""

    name = "rn"
    config_type = Config
    judge_share = 0.1

    @staticmethod
    def build(config: filling.Config) -> nn.Module:
        """Return the untrained network."""
        return RegionNormNet(config.width)

    @staticmethod
    def judge(config: filling.Config) -> nn.Module:
        """Return the untrained judge."""
        return Judge(config.judge_width)

    def losses(self, stages: tuple[Tensor, ...], truth: Tensor, cover: Tensor) -> dict[str, Tensor]:
        """Return L1, perceptual and style loss."""
        seen = composite(truth, stages[-1], cover)
        parts = {"l1": losses.l1(seen, truth) / cover.mean().clamp(min=1e-3)}
        if self.features is not None:
            real, made = self.maps(truth, seen)
            parts["perceptual"] = losses.of_maps(made, real, losses.l1)
            parts["style"] = losses.style(made, real)
        return parts

    def scores(self, judge: nn.Module, image: Tensor, cover: Tensor) -> Tensor:
        """Return what the judge says of pictures, which it sees without the mask's map."""
        said: Tensor = judge(image)
        return said

    def fooling(self, fake: Tensor) -> Tensor:
        """Return how far scores are from those of true pictures."""
        return losses.cross_entropy_generator(fake)

    def judging(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the cross-entropy of true and made."""
        return losses.cross_entropy_discriminator(real, fake)

    def optimizer(self, net: nn.Module) -> torch.optim.Optimizer:
        """Return Adam with EdgeConnect's betas."""
        return torch.optim.Adam(net.parameters(), self.config.rate, betas=(0.0, 0.9))


def network(config: Config | None = None) -> RegionNormNet:
    """Return the untrained network."""
    return RegionNormNet((config or Config()).width)
