"""The segmenter: BCE and Dice on synthetic masks, watched on a family it never trains on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from train import grid, onnx_file
from train.config import Common
from train.data.faces import FaceCrops
from train.data.masked import masked_example
from train.data.stream import Example
from train.machine import Machine, Through
from train.networks.segmenter import LiveSegmenter
from train.recipes import held
from train.schedule import cosine

DICE = 0.3
"""Weight of the Dice loss."""
BORDER = 3.0
"""How much more a pixel near the mask's border counts: there, and in straps, lie the errors."""
REACH = 7
"""Width, pixels, of what counts as near."""


@dataclass(frozen=True)
class Config(Common):
    """Settings beside `Common`.

    Attributes
    ----------
    rate : of the optimiser
    """

    validation: int = 128
    rate: float = 2e-3


class Recipe:
    """See `train.fit.Recipe`."""

    name = "segmenter"

    def __init__(
        self, data: Path, config: Config | None = None, machine: Machine | None = None
    ) -> None:
        self.config = config = config or Config()
        self.machine = machine or Machine(config.precision)
        self.faces = held.crops(data, "train", config)
        net = self.build(config)
        self.nets: dict[str, nn.Module] = {"net": self.machine.place(net)}
        self.logits = self.machine.share(Through(net, "logits"), compiled=config.compile)
        self.optimizers: dict[str, torch.optim.Optimizer] = {
            "net": torch.optim.AdamW(net.parameters(), config.rate, weight_decay=1e-4)
        }
        self.stream = held.stream(self.example, config, self.machine)
        val = held.crops(data, "val", config)
        self.held = {f: _validation(val, f, config.validation) for f in ("train", "heldout")}

    @staticmethod
    def build(config: Config) -> nn.Module:
        """Return the untrained network; a recipe of another one overrides this."""
        return network()

    def example(self, rng: np.random.Generator) -> Example:
        """One crop, masked or not, and its matte."""
        image, matte = masked_example(self.faces.varied(self.faces.draw(rng), rng), rng)
        return {
            "image": np.ascontiguousarray(image.transpose(2, 0, 1)),
            "matte": (matte[None] * 255).astype(np.uint8),
        }

    def step(self, progress: float) -> dict[str, float]:
        """One optimisation step."""
        batch = self.machine.put(next(self.stream))
        image, matte = batch["image"].float() / 255, batch["matte"].float() / 255
        net, optimizer = self.nets["net"], self.optimizers["net"]
        for group in optimizer.param_groups:
            group["lr"] = self.rate(progress)
        with self.machine.autocast():
            logits = self.logits(image).float()
        parts = self.losses(logits, matte)
        self.machine.optimise(sum(parts.values(), torch.zeros(())), net, optimizer)
        return {k: float(v.detach()) for k, v in parts.items()}

    def rate(self, progress: float) -> float:
        """Return the learning rate."""
        return self.config.rate * cosine(progress)

    def losses(self, logits: Tensor, matte: Tensor) -> dict[str, Tensor]:
        """Return the losses, weighted, by name."""
        weight = 1 + BORDER * border(matte)
        return {
            "bce": nn.functional.binary_cross_entropy_with_logits(logits, matte, weight),
            "dice_loss": DICE * dice(torch.sigmoid(logits), matte),
        }

    def validate(self, net: nn.Module) -> dict[str, float]:
        """IoU on masks of the kinds trained on and on the family kept out."""
        return {
            f"iou_{family}": float(iou(self.mattes(net, v["image"]), v["matte"]).mean())
            for family, v in self.held.items()
        }

    @torch.no_grad()
    def mattes(self, net: nn.Module, images: Tensor) -> Tensor:
        """Return a network's mattes of (N, 3, 256, 256) pictures, float32 on the CPU."""
        made = []
        for part in images.split(held.PART):
            with self.machine.autocast():
                made.append(net(part.to(self.machine.device)).float().cpu())
        return torch.cat(made)

    def picture(self, net: nn.Module) -> np.ndarray:
        """Pairs of masked crop and the same with the matte in red; the family kept out."""
        image = self.held["heldout"]["image"][:24]
        matte = self.mattes(net, image)
        red = image * (1 - 0.6 * matte) + 0.6 * matte * torch.tensor([1.0, 0, 0])[:, None, None]
        pairs = zip(held.bytes_of(image), held.bytes_of(red), strict=True)
        return grid.grid(list(pairs))


def border(matte: Tensor) -> Tensor:
    """Return 1 within `REACH` / 2 pixels of the matte's border and 0 elsewhere; straps are all 1.

    Parameters
    ----------
    matte : (N, 1, H, W) in 0..1
    """
    widest = nn.functional.max_pool2d(matte, REACH, 1, REACH // 2)
    narrowest = -nn.functional.max_pool2d(-matte, REACH, 1, REACH // 2)
    return ((widest > 0.5) & (narrowest < 0.5)).to(matte.dtype)


def dice(made: Tensor, truth: Tensor) -> Tensor:
    """Soft Dice loss, averaged over the batch; empty truth counts like any other."""
    both = (made * truth).sum((1, 2, 3))
    total = made.sum((1, 2, 3)) + truth.sum((1, 2, 3))
    return (1 - (2 * both + 100) / (total + 100)).mean()


def network() -> LiveSegmenter:
    """Return the untrained network."""
    return LiveSegmenter()


def export(net: nn.Module, path: Path) -> None:
    """Write ONNX with input ``image`` and output ``matte``."""
    onnx_file.write(net, (torch.rand(1, 3, 256, 256),), path, names=(["image"], ["matte"]))


def iou(made: Tensor, truth: Tensor) -> Tensor:
    """Intersection over union of each crop at a threshold of 0.5; 1 where both are empty."""
    a, b = made > 0.5, truth > 0.5
    both, either = (a & b).sum((1, 2, 3)).float(), (a | b).sum((1, 2, 3)).float()
    return torch.where(either > 0, both / either.clamp(min=1), torch.ones_like(both))


def _validation(faces: FaceCrops, family: str, count: int) -> dict[str, Tensor]:
    """Fixed faces in fixed masks."""
    images, mattes = [], []
    for index in np.unique(np.linspace(0, len(faces) - 1, count).astype(int)):
        rng = np.random.default_rng(int(index))
        cv2.setRNGSeed(int(index))
        image, matte = masked_example(faces.plain(int(index)), rng, family=family, bare=0.0)
        images.append(image.transpose(2, 0, 1) / np.float32(255))
        mattes.append(matte[None])
    return {
        "image": torch.from_numpy(np.stack(images)),
        "matte": torch.from_numpy(np.stack(mattes)),
    }
