"""GANMasker's second stage, face unmasking, sections 3.2, 3.3.2, 3.3.3 and 4.2.

Losses as the paper has them: least-squares adversarial (eqs. 5 and 10), ½ (smooth L1 + 1 − SSIM)
(eqs. 6 to 8), and smooth L1 of feature maps (eq. 9), all on the fused face. It leaves open how they
are weighted (α, β, γ of eq. 4), and the optimiser; the values here are chosen, not tuned. Its
feature network is VGG-19: here it is one of `train.networks.features`, of which VGG-16 is nearest.

The rate is 1e-3 and falls to a tenth at steps 30,000, 40,000 and 45,000 of the 62,500 that 100
epochs of 20,000 pictures in batches of 32 make. A training that is planned as long keeps these
steps; a shorter one, or one planned in minutes, falls after the same shares of its length.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from train import losses
from train.networks.ganmasker import FULL_WIDTH, FUNet, Judge
from train.recipes import filling
from train.recipes.filling import ENGINE, export
from train.schedule import stepped

__all__ = ["ENGINE", "ROWS", "Config", "Recipe", "export", "network"]

ROWS: dict[str, tuple[str, ...]] = {"GANMasker": ()}
"""Rows of `train.table`: names and what is set."""
STEPS = 62_500
FALLS = (30_000, 40_000, 45_000)


@dataclass(frozen=True)
class Config(filling.Config):
    """Settings beside those of `train.recipes.filling`.

    Attributes
    ----------
    adversarial, reconstruction, perceptual : α, β and γ of eq. 4
    """

    batch: int = 32
    width: float = FULL_WIDTH
    rate: float = 1e-3
    adversarial: float = 0.01
    reconstruction: float = 1.0
    perceptual: float = 0.1


class Recipe(filling.Recipe):
    """See `train.recipes.filling.Recipe`."""

    name = "ganmasker"
    config_type = Config

    @staticmethod
    def build(config: filling.Config) -> nn.Module:
        """Return the untrained network."""
        return FUNet(config.width)

    @staticmethod
    def judge(config: filling.Config) -> nn.Module:
        """Return the untrained judge."""
        return Judge(config.judge_width)

    def losses(self, stages: tuple[Tensor, ...], truth: Tensor, cover: Tensor) -> dict[str, Tensor]:
        """Return reconstruction and perceptual loss."""
        (made,) = stages  # fused by the network itself
        parts = {"reconstruction": losses.reconstruction(made, truth)}
        if self.config.perceptual:
            real, fake = self.maps(truth, made)
            parts["perceptual"] = losses.of_maps(fake, real, nn.functional.smooth_l1_loss)
        return parts

    def scores(self, judge: nn.Module, image: Tensor, cover: Tensor) -> Tensor:
        """Return what the judge says of pictures, which it sees without the mask's map."""
        said: Tensor = judge(image)
        return said

    def factor(self, progress: float) -> float:
        """Return what the rate is multiplied with."""
        return fall(progress, self.config.steps)


def fall(progress: float, steps: int) -> float:
    """Return the rate's factor.

    Parameters
    ----------
    steps : planned; 0 where the length is in minutes
    """
    length = max(steps, STEPS)
    return stepped(progress, tuple(step / length for step in FALLS))


def network(config: Config | None = None) -> FUNet:
    """Return the untrained network."""
    return FUNet((config or Config()).width)
