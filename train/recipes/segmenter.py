"""The segmenter: BCE and Dice on synthetic masks, watched on a family it never trains on."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from train import onnx_file
from train.data.faces import FaceCrops
from train.data.masked import masked_example
from train.data.stream import Example, batches
from train.networks.segmenter import LiveSegmenter
from train.schedule import cosine

LEARNING_RATE = 2e-3
VALIDATION_COUNT = 128
BORDER = 3.0
"""How much more a pixel near the mask's border counts: there, and in straps, lie the errors."""
REACH = 7
"""Width, pixels, of what counts as near."""


class Recipe:
    """See `train.fit.Recipe`."""

    name = "segmenter"

    def __init__(self, data: Path, *, batch: int | None = None, seed: int = 0) -> None:
        self.faces = FaceCrops(data, "train")
        net = LiveSegmenter()
        self.nets: dict[str, nn.Module] = {"net": net}
        self.optimizers: dict[str, torch.optim.Optimizer] = {
            "net": torch.optim.AdamW(net.parameters(), LEARNING_RATE, weight_decay=1e-4)
        }
        self.stream = batches(self.example, batch=batch or 16, seed=seed)
        val = FaceCrops(data, "val")
        self.held = {f: _validation(val, f) for f in ("train", "heldout")}

    def example(self, rng: np.random.Generator) -> Example:
        """One crop, masked or not, and its matte."""
        image, matte = masked_example(self.faces.varied(self.faces.draw(rng), rng), rng)
        return {
            "image": np.ascontiguousarray(image.transpose(2, 0, 1)),
            "matte": (matte[None] * 255).astype(np.uint8),
        }

    def step(self, progress: float) -> dict[str, float]:
        """One optimisation step."""
        batch = next(self.stream)
        image, matte = batch["image"].float() / 255, batch["matte"].float() / 255
        net, optimizer = self.nets["net"], self.optimizers["net"]
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * cosine(progress)
        assert isinstance(net, LiveSegmenter)
        logits = net.logits(image)
        weight = 1 + BORDER * border(matte)
        bce = nn.functional.binary_cross_entropy_with_logits(logits, matte, weight)
        overlap = dice(torch.sigmoid(logits), matte)
        optimizer.zero_grad(set_to_none=True)
        (bce + 0.3 * overlap).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        return {"bce": float(bce.detach()), "dice_loss": float(overlap.detach())}

    @torch.no_grad()
    def validate(self, net: nn.Module) -> dict[str, float]:
        """IoU on masks of the kinds trained on and on the family kept out."""
        scores = {}
        for family, held in self.held.items():
            made = torch.cat([net(part) for part in held["image"].split(32)])
            scores[f"iou_{family}"] = float(iou(made, held["matte"]).mean())
        return scores

    @torch.no_grad()
    def picture(self, net: nn.Module) -> np.ndarray:
        """Pairs of masked crop and the same with the matte in red; the family kept out."""
        image = self.held["heldout"]["image"][:24]
        matte = net(image)
        red = image * (1 - 0.6 * matte) + 0.6 * matte * torch.tensor([1.0, 0, 0])[:, None, None]
        pairs = torch.cat([image, red], 2)
        sheet = torch.cat([torch.cat(list(pairs[k::6]), 2) for k in range(6)], 1)
        return np.asarray((sheet.permute(1, 2, 0) * 255).round().byte().numpy())


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


def _validation(faces: FaceCrops, family: str) -> dict[str, Tensor]:
    """Fixed faces in fixed masks."""
    images, mattes = [], []
    for index in np.linspace(0, len(faces) - 1, VALIDATION_COUNT).astype(int):
        rng = np.random.default_rng(int(index))
        cv2.setRNGSeed(int(index))
        image, matte = masked_example(faces.plain(int(index)), rng, family=family, bare=0.0)
        images.append(image.transpose(2, 0, 1) / np.float32(255))
        mattes.append(matte[None])
    return {
        "image": torch.from_numpy(np.stack(images)),
        "matte": torch.from_numpy(np.stack(mattes)),
    }
