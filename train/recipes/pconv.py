"""The partial convolution U-Net as its paper trains it, and with plain convolutions: the floor.

Liu et al. 2018, section 3.3: ``L_valid + 6 L_hole + 0.05 L_perceptual + 120 L_style + 0.1 L_tv``
(eq. 7); feature maps of the network's whole output and of the composite count alike. Adam at 2e-4,
batches of 6. Maps are those of `train.networks.features`, the paper's are VGG-16's first three
poolings. Its second phase, with batch norm frozen in the encoder, is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from train import losses
from train.networks.inpainter import composite
from train.networks.pconv import FULL_WIDTH, LEVELS, PConvUNet
from train.recipes import filling
from train.recipes.filling import ENGINE, export
from unmask_live.errors import UserError

__all__ = ["ENGINE", "ROWS", "Config", "Recipe", "export", "network"]

ROWS: dict[str, tuple[str, ...]] = {
    "partial convolution": (),
    "plain U-Net": ("convolution=plain",),
}
"""Rows of `train.table`: names and what is set."""


@dataclass(frozen=True)
class Config(filling.Config):
    """Settings beside those of `train.recipes.filling`.

    Attributes
    ----------
    convolution : as in `PConvUNet`
    valid, hole, tv : weights of L1 outside the hole and in it, and of total variation
    """

    batch: int = 6
    width: float = FULL_WIDTH
    convolution: str = "partial"
    rate: float = 2e-4
    valid: float = 1.0
    hole: float = 6.0
    tv: float = 0.1
    perceptual: float = 0.05
    style: float = 120.0


class Recipe(filling.Recipe):
    """See `train.recipes.filling.Recipe`."""

    name = "pconv"
    config_type = Config

    @staticmethod
    def build(config: filling.Config) -> nn.Module:
        """Return the untrained network."""
        assert isinstance(config, Config)
        if config.side % 2**LEVELS:
            raise UserError(
                f"side is {config.side}: a network of {LEVELS} halvings wants a multiple of "
                f"{2**LEVELS}"
            )
        return network(config)

    def losses(self, stages: tuple[Tensor, ...], truth: Tensor, cover: Tensor) -> dict[str, Tensor]:
        """Return the five parts of eq. 7."""
        (made,) = stages
        seen = composite(truth, made, cover)
        apart = (made - truth).abs()
        parts = {
            "valid": (apart * (1 - cover)).mean(),
            "hole": (apart * cover).mean(),
            "tv": losses.variation(seen, cover),
        }
        if self.features is not None:
            real, *both = self.maps(truth, made, seen)
            near = [losses.of_maps(maps, real, losses.l1) for maps in both]
            alike = [losses.style(maps, real) for maps in both]
            parts |= {"perceptual": torch.stack(near).sum(), "style": torch.stack(alike).sum()}
        return parts


def network(config: Config | None = None) -> PConvUNet:
    """Return the untrained network."""
    config = config or Config()
    return PConvUNet(config.width, convolution=config.convolution)
