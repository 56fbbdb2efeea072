"""RA-UNet, blind: a masked face in, the bare face out, sections II.C and III.A.

Loss ``SSIM loss + weight · L1`` over the whole picture (eq. 1, whose weight is open: here 1), Adam
at 1e-4, batches of 8. Every face wears a mask that `train.masks` paints, without the camera's
faults: those are for the segmenter, and the truth has none. The table II ablations are ``--set
residual=none`` and ``--set residual=none gates=false``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from train import losses, onnx_file
from train.data import light
from train.data.masked import painted
from train.data.stream import Example
from train.networks.inpainter import composite
from train.networks.raunet import FULL_WIDTH, RAUNet
from train.recipes import filling, held

ENGINE = "blind"
ROWS: dict[str, tuple[str, ...]] = {"RA-UNet (blind)": ()}
"""Rows of `train.table`: names and what is set."""


@dataclass(frozen=True)
class Config(filling.Config):
    """Settings beside those of `train.recipes.filling`.

    Attributes
    ----------
    residual, gates : as in `RAUNet`
    ssim, l1 : weights of the losses
    """

    batch: int = 8
    width: float = FULL_WIDTH
    residual: str = "add"
    gates: bool = True
    rate: float = 1e-4
    ssim: float = 1.0
    l1: float = 1.0


class Recipe(filling.Recipe):
    """See `train.recipes.filling.Recipe`."""

    name = "raunet"
    config_type = Config

    @staticmethod
    def build(config: filling.Config) -> nn.Module:
        """Return the untrained network."""
        assert isinstance(config, Config)
        return network(config)

    def losses(self, stages: tuple[Tensor, ...], truth: Tensor, cover: Tensor) -> dict[str, Tensor]:
        """Return both losses, of the whole picture: the network is told of no hole."""
        (made,) = stages
        return {"ssim": 1 - losses.ssim(made, truth), "l1": losses.l1(made, truth)}

    def optimizer(self, net: nn.Module) -> torch.optim.Optimizer:
        """Return Adam as it is when nothing is said of it."""
        return torch.optim.Adam(net.parameters(), self.config.rate)

    def example(self, rng: np.random.Generator) -> Example:
        """One face bare and masked, where the mask is, and the light it is to be seen in; bytes."""
        sample = self.faces.varied(self.faces.draw(rng), rng)
        masked, cover = painted(sample, rng)
        return {
            "image": np.ascontiguousarray(sample.image.transpose(2, 0, 1)),
            "masked": np.ascontiguousarray(masked.transpose(2, 0, 1)),
            "hole": cover.astype(np.uint8)[None],
            "light": light.draw(rng),
        }

    def given(self, batch: dict[str, Tensor]) -> tuple[tuple[Tensor, ...], Tensor, Tensor]:
        """Return the masked face, the truth and the hole."""
        masked, truth = (light.relit(batch[key], batch["light"]) for key in ("masked", "image"))
        return (masked,), truth, batch["hole"].float()

    def kept(self, data: Path) -> dict[str, Tensor]:
        """Return the faces and holes of the other recipes, with masks painted over these holes."""
        faces = held.crops(data, "val", self.config)
        masked = []
        for index in np.unique(np.linspace(0, len(faces) - 1, self.config.validation).astype(int)):
            cv2.setRNGSeed(int(index))
            image, _ = painted(faces.plain(int(index)), np.random.default_rng(int(index)))
            masked.append(image.transpose(2, 0, 1) / np.float32(255))
        kept = held.filled(faces, self.config.validation)
        return kept | {"masked": torch.from_numpy(np.stack(masked))}

    @torch.no_grad()
    def inpainted(self, net: nn.Module, kept: dict[str, Tensor]) -> Tensor:
        """Return what a network makes of the masked faces, only the hole of it taken over."""
        made = []
        for masked in kept["masked"].split(held.PART):
            with self.machine.autocast():
                made.append(net(masked.to(self.machine.device)).float().cpu())
        return composite(kept["image"], torch.cat(made), kept["hole"])


def network(config: Config | None = None) -> RAUNet:
    """Return the untrained network."""
    config = config or Config()
    return RAUNet(config.width, residual=config.residual, gates=config.gates)


def export(net: nn.Module, path: Path) -> None:
    """Write ONNX with input ``image`` and output ``image_out``."""
    onnx_file.write(net, (torch.rand(1, 3, 256, 256),), path, names=(["image"], ["image_out"]))
