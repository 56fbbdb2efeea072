"""The live inpainter: L1 in the hole, then a patch discriminator once faces have taken shape."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from train import checkpoint, losses, onnx_file
from train.config import Common
from train.data.holes import hole, stroke
from train.data.stream import Example
from train.machine import Machine
from train.networks.discriminator import PatchDiscriminator
from train.networks.inpainter import WIDTHS, LiveInpainter, composite
from train.recipes import held
from train.schedule import cosine
from train.teacher import Teacher, Watched, fading, of_attention, open_teacher
from unmask_live.errors import UserError
from unmask_live.vision.align import CROP

# The discriminator looks at the lower face only: (top, bottom, left, right) in a crop of 256².
LOWER_FACE = (64, 240, 40, 216)
VARIANTS: dict[str, tuple[str, ...]] = {
    "as it ships": (),
    "shortcuts": ("shortcuts=true",),
    "narrow": ("widths=[24, 48, 96]",),
    "narrow, shortcuts": ("widths=[24, 48, 96]", "shortcuts=true"),
    "wide": ("widths=[40, 100, 200]",),
    "full gates": ("gate=full",),
    "one M-CSAM": ("modules=1",),
    "stem of 2": ("stem=2", "widths=[16, 40, 80]"),
    "prefilled": ("prefill=true",),
    "structure": ("ssim=1.0",),
}
"""What `train.table --variants` compares: names and what is set."""
PREFILLED = ("prefill=true", "ssim=1.0")
"""What was taken over from partial convolutions and from GANMasker."""


@dataclass(frozen=True)
class Training(Common):
    """Settings beside `Common`; crops are held in memory, since mapped pages may be dropped.

    Attributes
    ----------
    rate : of Adam, for the network
    judge_rate : the same for its judge, which comes late and falls with the other
    adversarial_from : share of the training after which the judge comes in: before L1 has
        converged it makes scribbled mouths
    adversarial, features : weights beside L1 of the judge's score and of matching its features
    judge_width : channels of the judge's first layer
    judge_from : a training's folder or checkpoint whose judge goes on, as it already knows what to
        look at; "" for a new one
    ssim : weight beside L1 of ``1 - SSIM`` of the composite (GANMasker eq. 7)
    teacher : a training's folder or an inpainter's ONNX file to learn from, or several, parted by
        commas: see `train.teacher`; "" for none
    distil, distil_features : weights at first beside L1 of the same to what the teacher makes, and
        of the distance of their features
    distil_until : share of the training after which the truth alone teaches
    """

    in_memory: bool = True
    rate: float = 5e-4
    judge_rate: float = 2e-3
    adversarial_from: float = 0.85
    adversarial: float = 0.001
    features: float = 0.1
    ssim: float = 0.0
    judge_width: int = 24
    judge_from: str = ""
    teacher: str = ""
    distil: float = 2.0
    distil_features: float = 0.0
    distil_until: float = 0.7

    def __post_init__(self) -> None:
        for name in ("adversarial", "features", "ssim", "distil", "distil_features"):
            if getattr(self, name) < 0:
                raise UserError(f"{name} is {getattr(self, name):g}, wanted 0 or more: a weight")
        if not 0 <= self.distil_until <= 1:
            raise UserError(f"distil_until is {self.distil_until:g}, wanted a share from 0 to 1")


@dataclass(frozen=True)
class Config(Training):
    """Settings of the training, and of the network as `LiveInpainter` has them."""

    widths: tuple[int, ...] = WIDTHS
    gate: str = "pointwise"
    shortcuts: bool = False
    stem: int = 4
    modules: int = 3
    prefill: bool = False


class Recipe:
    """See `train.fit.Recipe`."""

    name = "inpainter"
    config_type: ClassVar[type[Training]] = Config

    def __init__(
        self, data: Path, config: Training | None = None, machine: Machine | None = None
    ) -> None:
        config = config or self.config_type()
        self.machine = machine or Machine(config.precision)
        self.config = config
        self.faces = held.crops(data, "train", config)
        net, judge = self.build(config), PatchDiscriminator(config.judge_width)
        if config.judge_from:
            checkpoint.go_on(judge, Path(config.judge_from), "judge")
        self.nets: dict[str, nn.Module] = {
            "net": self.machine.place(net),
            "judge": self.machine.place(judge),
        }
        self.run = {k: self.machine.share(n, compiled=config.compile) for k, n in self.nets.items()}
        self.optimizers: dict[str, torch.optim.Optimizer] = {
            "net": torch.optim.Adam(net.parameters(), config.rate, betas=(0.5, 0.99)),
            "judge": torch.optim.Adam(judge.parameters(), config.judge_rate, betas=(0.5, 0.99)),
        }
        self.teacher: Teacher | None = None
        if config.teacher:
            features = config.distil_features > 0
            self.teacher = open_teacher(config.teacher, self.machine, features=features)
            self._middle = Watched(net.get_submodule("middle")) if features else None
        self.stream = held.stream(self.example, config, self.machine)
        self.held = held.filled(held.crops(data, "val", config), config.validation)

    def build(self, config: Any) -> nn.Module:
        """Return the untrained network."""
        return network(config)

    def example(self, rng: np.random.Generator) -> Example:
        """One face and what is to be filled in it."""
        sample = self.faces.varied(self.faces.draw(rng), rng)
        cover = hole(sample, rng)
        if rng.random() < 0.15:
            cover = np.maximum(cover, stroke(cover.shape, rng) * sample.valid)
        return {"image": _relit(sample.image, rng).transpose(2, 0, 1), "hole": cover[None]}

    def step(self, progress: float) -> dict[str, float]:
        """One step of the generator and, later, of the discriminator."""
        batch = self.machine.put(next(self.stream))
        truth, cover = batch["image"].float() / 255, batch["hole"].float()
        net, judge = self.nets["net"], self.nets["judge"]
        config = self.config
        for name, rate in (("net", config.rate), ("judge", config.judge_rate)):
            for group in self.optimizers[name].param_groups:
                group["lr"] = rate * cosine(progress, last=0.03)
        with self.machine.autocast():
            filled = self.run["net"](truth * (1 - cover), cover).float()
            loss = losses.masked_l1(filled, truth, cover)
            parts = {"l1": loss}
            seen = composite(truth, filled, cover)
            if config.ssim:
                parts["ssim"] = 1 - losses.ssim(seen, truth)
                loss = loss + config.ssim * parts["ssim"]
            taught = fading(progress, config.distil_until)
            if self.teacher is not None and taught:
                shown = self.teacher.fill(truth * (1 - cover), cover)
                parts["teacher"] = losses.masked_l1(filled, shown, cover)
                loss = loss + taught * config.distil * parts["teacher"]
                if self._middle is not None and self._middle.maps is not None:
                    parts["features"] = of_attention(self._middle.maps, self.teacher.features)
                    loss = loss + taught * config.distil_features * parts["features"]
            judged = progress >= config.adversarial_from
            if judged:
                made = _lower(seen)
                real, where = _lower(truth), _lower(cover)
                judge.requires_grad_(False)
                score, maps = judge(made, where)
                with torch.no_grad():
                    score_real, maps_real = judge(real, where)
                adversarial = losses.relativistic_generator(score_real, score)
                matching = losses.feature_matching(maps_real, maps)
                judge.requires_grad_(True)
                loss = loss + config.adversarial * adversarial + config.features * matching
        self.machine.optimise(loss, net, self.optimizers["net"])
        if judged:
            with self.machine.autocast():
                both = torch.cat([real, made.detach()])
                score_real, score_made = self.run["judge"](both, torch.cat([where, where]))[
                    0
                ].chunk(2)
                loss_judge = losses.relativistic_discriminator(score_real, score_made)
            self.machine.optimise(loss_judge, judge, self.optimizers["judge"])
            parts |= {"adversarial": adversarial, "matching": matching, "judge": loss_judge}
        # Read at the end: a GPU would have to stop for each number that is asked for.
        return {k: float(v.detach()) for k, v in parts.items()}

    def validate(self, net: nn.Module) -> dict[str, float]:
        """PSNR of the crop, L1 and sharpness inside the hole, beside Telea's."""
        return held.scores(held.inpainted(net, self.held, self.machine), self.held)

    def picture(self, net: nn.Module) -> NDArray[np.uint8]:
        """Rows of hole, filled, truth."""
        some = {k: v[:16] for k, v in self.held.items()}
        return held.sheet(held.inpainted(net, some, self.machine), some)


def _lower(x: Tensor) -> Tensor:
    top, bottom, left, right = (n * x.shape[-1] // CROP for n in LOWER_FACE)
    return x[:, :, top:bottom, left:right]


def network(config: Config | None = None) -> LiveInpainter:
    """Return the untrained network."""
    given = config or Config()
    return LiveInpainter(
        given.widths,
        gate=given.gate,
        shortcuts=given.shortcuts,
        stem=given.stem,
        modules=given.modules,
        prefill=given.prefill,
    )


def export(net: nn.Module, path: Path) -> None:
    """Write ONNX with inputs ``image`` and ``matte``, output ``image_out``."""
    onnx_file.write(
        net,
        (torch.rand(1, 3, 256, 256), torch.ones(1, 1, 256, 256)),
        path,
        names=(["image", "matte"], ["image_out"]),
    )


def _relit(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Vary exposure, white balance and gamma: cameras differ more than photographs do."""
    if rng.random() < 0.4:
        return image
    gain = np.exp(rng.normal(0, 0.12) + rng.normal(0, 0.04, 3))
    levels = (np.arange(256) / 255.0) ** float(np.exp(rng.normal(0, 0.15)))
    table = np.clip(levels[:, None] * gain * 255 + 0.5, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(image, table[:, None, :]))
