"""The live inpainter: L1 in the hole, then a patch discriminator once faces have taken shape."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from train import losses, metrics, onnx_file
from train.data.faces import FaceCrops
from train.data.holes import hole, stroke
from train.data.stream import Example, batches
from train.networks.discriminator import PatchDiscriminator
from train.networks.inpainter import LiveInpainter, composite
from train.schedule import cosine

LEARNING_RATE = 5e-4
ADVERSARIAL_FROM = 0.85
"""Share of the training after which the discriminator comes in."""
ADVERSARIAL = 0.001
FEATURES = 0.1
# The discriminator looks at the lower face only: (top, bottom, left, right) in the crop.
LOWER_FACE = (64, 240, 40, 216)
VALIDATION_COUNT = 160


class Recipe:
    """See `train.fit.Recipe`."""

    name = "inpainter"

    def __init__(self, data: Path, *, batch: int | None = None, seed: int = 0) -> None:
        self.faces = FaceCrops(data, "train", in_memory=True)
        net, judge = self.build(), PatchDiscriminator(24)
        self.nets: dict[str, nn.Module] = {"net": net, "judge": judge}
        self.optimizers: dict[str, torch.optim.Optimizer] = {
            "net": torch.optim.Adam(net.parameters(), LEARNING_RATE, betas=(0.5, 0.99)),
            "judge": torch.optim.Adam(judge.parameters(), LEARNING_RATE, betas=(0.5, 0.99)),
        }
        self.stream = batches(self.example, batch=batch or 16, seed=seed)
        self.held = _validation(FaceCrops(data, "val"))

    @staticmethod
    def build() -> nn.Module:
        """Return the untrained network; a recipe of another size overrides this."""
        return network()

    def example(self, rng: np.random.Generator) -> Example:
        """One face and what is to be filled in it."""
        sample = self.faces.varied(self.faces.draw(rng), rng)
        cover = hole(sample, rng)
        if rng.random() < 0.15:
            cover = np.maximum(cover, stroke(cover.shape, rng) * sample.valid)
        return {"image": _relit(sample.image, rng).transpose(2, 0, 1), "hole": cover[None]}

    def step(self, progress: float) -> dict[str, float]:
        """One step of the generator and, later, of the discriminator."""
        batch = next(self.stream)
        truth, cover = batch["image"].float() / 255, batch["hole"].float()
        net, judge = self.nets["net"], self.nets["judge"]
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = LEARNING_RATE * cosine(progress, last=0.03)
        filled = net(truth * (1 - cover), cover)
        loss = losses.masked_l1(filled, truth, cover)
        report = {"l1": float(loss.detach())}
        if progress >= ADVERSARIAL_FROM:
            made = _lower(composite(truth, filled, cover))
            real, where = _lower(truth), _lower(cover)
            judge.requires_grad_(False)
            score, seen = judge(made, where)
            with torch.no_grad():
                score_real, seen_real = judge(real, where)
            adversarial = losses.relativistic_generator(score_real, score)
            matching = losses.feature_matching(seen_real, seen)
            judge.requires_grad_(True)
            loss = loss + ADVERSARIAL * adversarial + FEATURES * matching
            score_real, _ = judge(real, where)
            score_made, _ = judge(made.detach(), where)
            loss_judge = losses.relativistic_discriminator(score_real, score_made)
            self.optimizers["judge"].zero_grad(set_to_none=True)
            loss_judge.backward()
            self.optimizers["judge"].step()
            report |= {
                "adversarial": float(adversarial.detach()),
                "matching": float(matching.detach()),
                "judge": float(loss_judge.detach()),
            }
        self.optimizers["net"].zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        self.optimizers["net"].step()
        return report

    @torch.no_grad()
    def validate(self, net: nn.Module) -> dict[str, float]:
        """PSNR of the crop, L1 and sharpness inside the hole, beside Telea's."""
        rows = []
        for part in range(0, len(self.held["image"]), 32):
            truth, cover = (self.held[k][part : part + 32] for k in ("image", "hole"))
            made = composite(truth, net(truth * (1 - cover), cover), cover)
            for t, m, h in zip(truth, made, cover, strict=True):
                a, b, inside = _picture(m), _picture(t), h[0].numpy() > 0.5
                scores = (metrics.psnr(a, b), metrics.hole_l1(a, b, inside))
                rows.append((*scores, metrics.gradient_ratio(a, b, inside)))
        means = np.mean(rows, axis=0)
        return {
            "psnr": float(means[0]),
            "over_telea": float(means[0] - self.held["telea"][:, 0].mean()),
            "l1_of_telea": float(means[1] / self.held["telea"][:, 1].mean()),
            "sharpness": float(means[2]),
        }

    @torch.no_grad()
    def picture(self, net: nn.Module) -> np.ndarray:
        """Rows of hole, filled, truth."""
        truth, cover = self.held["image"][:16], self.held["hole"][:16]
        made = composite(truth, net(truth * (1 - cover), cover), cover)
        rows = [
            torch.cat([t * (1 - c), m, t], 2) for t, c, m in zip(truth, cover, made, strict=True)
        ]
        sheet = torch.cat([torch.cat(rows[k::4], 1) for k in range(4)], 2)
        return (_picture(sheet) * 255).round().astype(np.uint8)


def _lower(x: Tensor) -> Tensor:
    top, bottom, left, right = LOWER_FACE
    return x[:, :, top:bottom, left:right]


def network() -> LiveInpainter:
    """Return the untrained network."""
    return LiveInpainter()


def export(net: nn.Module, path: Path) -> None:
    """Write ONNX with inputs ``image`` and ``matte``, output ``image_out``."""
    onnx_file.write(
        net,
        (torch.rand(1, 3, 256, 256), torch.ones(1, 1, 256, 256)),
        path,
        names=(["image", "matte"], ["image_out"]),
    )


def _picture(x: Tensor) -> np.ndarray:
    return np.asarray(x.clamp(0, 1).permute(1, 2, 0).numpy())


def _relit(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Vary exposure, white balance and gamma: cameras differ more than photographs do."""
    if rng.random() < 0.4:
        return image
    gain = np.exp(rng.normal(0, 0.12) + rng.normal(0, 0.04, 3))
    levels = (np.arange(256) / 255.0) ** float(np.exp(rng.normal(0, 0.15)))
    table = np.clip(levels[:, None] * gain * 255 + 0.5, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(image, table[:, None, :]))


def _validation(faces: FaceCrops) -> dict[str, Tensor]:
    """Fixed faces and holes, with Telea's scores on them: (N, 2) PSNR and L1."""
    images, holes, telea = [], [], []
    for index in np.linspace(0, len(faces) - 1, VALIDATION_COUNT).astype(int):
        sample = faces.plain(int(index))
        cover = hole(sample, np.random.default_rng(int(index)))
        guess = cv2.inpaint(sample.image, (cover * 255).astype(np.uint8), 3, cv2.INPAINT_TELEA)
        a, b = guess / 255.0, sample.image / 255.0
        telea.append((metrics.psnr(a, b), metrics.hole_l1(a, b, cover > 0.5)))
        images.append(sample.image.transpose(2, 0, 1) / np.float32(255))
        holes.append(cover[None])
    return {
        "image": torch.from_numpy(np.stack(images)),
        "hole": torch.from_numpy(np.stack(holes)),
        "telea": torch.tensor(telea),
    }
