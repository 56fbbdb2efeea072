"""The M-CSAM generator trained as its paper has it, sections 3.2.2 and 4.2.

Weights of the losses, Adam and its betas, rate, batch and local supervision are the paper's. Open
there, and chosen here: which layers and how Gram matrices are scaled (`train.losses`), and the
length. The paper's rate falls by a hundredth of itself after 20 epochs, so that 120 epochs are a
whole training; here it is level for the same sixth of the planned length and then falls to nothing.

Table 2 is ``--set supervision=full``, table 3 ``--set attention=conv``; `train.ablation` runs both.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from train import losses, onnx_file
from train.config import Common
from train.data import light
from train.data.holes import hole
from train.data.stream import Example
from train.machine import Machine
from train.networks.discriminator import FeaturePatchDiscriminator, PatchDiscriminator
from train.networks.features import open_features
from train.networks.generator import FULL_WIDTH, Generator
from train.recipes import held
from train.schedule import level_then_linear

JUDGED_MAP = 2
"""Which of the feature network's maps the feature judge sees: ``relu3_3`` of VGG-16."""
BETAS = (0.5, 0.999)


@dataclass(frozen=True)
class Config(Common):
    """Settings of the paper, beside `Common`.

    Attributes
    ----------
    width, attention : as in `Generator`
    supervision : "local" or "full", as in `train.losses.supervised`
    features, features_weights : as in `train.networks.features.open_features`
    l1, perceptual, style, adversarial : weights of the losses, λ of eq. 10; at 0 a part is left
        out, and without the last three no feature network is needed
    rate : of Adam, for generator and judges
    judge_width, feature_judge_width : channels of the two judges
    """

    clip: float = 10.0
    width: int = FULL_WIDTH
    attention: str = "csam"
    supervision: str = "local"
    features: str = "vgg16"
    features_weights: str = ""
    l1: float = 1.0
    perceptual: float = 0.1
    style: float = 250.0
    adversarial: float = 0.1
    rate: float = 2e-4
    judge_width: int = 64
    feature_judge_width: int = 512


class Recipe:
    """See `train.loop.Recipe`."""

    name = "mcsam"

    def __init__(
        self, data: Path, config: Config | None = None, machine: Machine | None = None
    ) -> None:
        self.config = config = config or Config()
        self.machine = machine or Machine(config.precision, clip=config.clip)
        self.nets: dict[str, nn.Module] = {
            "net": Generator(config.width, attention=config.attention)
        }
        self.features: nn.Module | None = None
        if config.perceptual or config.style or config.adversarial:
            weights = Path(config.features_weights) if config.features_weights else None
            features = open_features(config.features, weights)
            self.features = self.machine.place(features)
            if config.adversarial:
                channels = features.channels[JUDGED_MAP]
                self.nets["judge"] = PatchDiscriminator(config.judge_width)
                self.nets["feature_judge"] = FeaturePatchDiscriminator(
                    channels, config.feature_judge_width
                )
        self.optimizers: dict[str, torch.optim.Optimizer] = {}
        self.run: dict[str, nn.Module] = {}
        for key, net in self.nets.items():
            self.machine.place(net)
            self.optimizers[key] = torch.optim.Adam(net.parameters(), config.rate, betas=BETAS)
            self.run[key] = self.machine.share(net, compiled=config.compile)
        self.faces = held.crops(data, "train", config)
        self.stream = held.stream(self.example, config, self.machine)
        self.held = held.filled(held.crops(data, "val", config), config.validation)

    def example(self, rng: np.random.Generator) -> Example:
        """One face, what is to be filled in it, and the light it is to be seen in; bytes."""
        sample = self.faces.varied(self.faces.draw(rng), rng)
        cover = hole(sample, rng).astype(np.uint8)
        return {
            "image": np.ascontiguousarray(sample.image.transpose(2, 0, 1)),
            "hole": cover[None],
            "light": light.draw(rng),
        }

    def step(self, progress: float) -> dict[str, float]:
        """One step of the generator and one of each judge."""
        batch = self.machine.put(next(self.stream))
        truth, cover = light.relit(batch["image"], batch["light"]), batch["hole"].float()
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = self.config.rate * level_then_linear(progress)
        with self.machine.autocast():
            filled = self.run["net"](truth * (1 - cover), cover).float()
            seen = losses.supervised(truth, filled, cover, self.config.supervision)
            parts, maps = self._losses(seen, truth, cover)
        weights = {k: getattr(self.config, k) for k in parts}
        total = torch.stack([weights[k] * v for k, v in parts.items()]).sum()
        self.machine.optimise(total, self.nets["net"], self.optimizers["net"])
        if maps is not None:
            parts |= self._judge(seen.detach(), truth, cover, maps)
        return dict(zip(parts, torch.stack(list(parts.values())).detach().tolist(), strict=True))

    def _losses(
        self, seen: Tensor, truth: Tensor, cover: Tensor
    ) -> tuple[dict[str, Tensor], tuple[Tensor, Tensor] | None]:
        """Return the generator's losses, and the maps (made, real) that the feature judge sees."""
        parts = {"l1": losses.l1(seen, truth)}
        if self.features is None:
            return parts, None
        made = self.features(seen)
        with torch.no_grad():
            real = self.features(truth)
        if self.config.perceptual:
            parts["perceptual"] = losses.perceptual(made, real)
        if self.config.style:
            parts["style"] = losses.style(made, real)
        if not self.config.adversarial:
            return parts, None
        judges = [self.nets["judge"], self.nets["feature_judge"]]
        for judge in judges:
            judge.requires_grad_(False)
        judge, feature_judge = judges
        with torch.no_grad():
            true_scores = judge(truth, cover)[0], feature_judge(real[JUDGED_MAP])
        scores = judge(seen, cover)[0], feature_judge(made[JUDGED_MAP])
        sides = [
            losses.relativistic_generator(r, f) for r, f in zip(true_scores, scores, strict=True)
        ]
        parts["adversarial"] = torch.stack(sides).mean()
        for judge in judges:
            judge.requires_grad_(True)
        return parts, (made[JUDGED_MAP].detach(), real[JUDGED_MAP])

    def _judge(
        self, seen: Tensor, truth: Tensor, cover: Tensor, maps: tuple[Tensor, Tensor]
    ) -> dict[str, Tensor]:
        """One step of each judge; made and true pictures pass through it at once."""
        out = {}
        for key in ("judge", "feature_judge"):
            with self.machine.autocast():
                if key == "judge":
                    both = self.run[key](torch.cat([seen, truth]), torch.cat([cover, cover]))[0]
                else:
                    both = self.run[key](torch.cat(maps))
                fake, real = both.chunk(2)
                loss = losses.relativistic_discriminator(real, fake)
            self.machine.optimise(loss, self.nets[key], self.optimizers[key])
            out[key] = loss
        return out

    def validate(self, net: nn.Module) -> dict[str, float]:
        """PSNR of the crop, L1 and sharpness inside the hole, beside Telea's."""
        return held.scores(held.inpainted(net, self.held, self.machine), self.held)

    def picture(self, net: nn.Module) -> NDArray[np.uint8]:
        """Rows of hole, filled, truth."""
        some = {k: v[:16] for k, v in self.held.items()}
        return held.sheet(held.inpainted(net, some, self.machine), some)


def network(config: Config | None = None) -> Generator:
    """Return the untrained network."""
    config = config or Config()
    return Generator(config.width, attention=config.attention)


def export(net: nn.Module, path: Path) -> None:
    """Write ONNX with inputs ``image`` and ``matte``, output ``image_out``."""
    onnx_file.write(
        net,
        (torch.rand(1, 3, 256, 256), torch.ones(1, 1, 256, 256)),
        path,
        names=(["image", "matte"], ["image_out"]),
    )
