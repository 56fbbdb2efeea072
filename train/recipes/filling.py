"""What the recipes of generators share: data, one step, a judge where there is one, validation.

A recipe says what network it trains, what losses, which judge and at which rate, by overriding the
methods under "what a method is"; everything else is here, so that methods differ in nothing that
is not theirs. Faces, holes and light are drawn as `train.recipes.mcsam` draws them: the same seed
gives the same pictures in the same order to every method.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

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
from train.networks.features import open_features
from train.networks.inpainter import composite
from train.recipes import held

ENGINE = "inpainter"
"""What `train.torch_engine` runs it as."""


@dataclass(frozen=True)
class Config(Common):
    """Settings beside `Common`; a recipe sets its own values and adds to them.

    Attributes
    ----------
    width : of the network
    rate : of the optimiser, for generator and judge
    adversarial, perceptual, style : weights of losses; at 0 a part is left out, and what only it
        needs: the judge, the feature network
    judge_width : channels of the judge's first layer
    features, features_weights : as in `train.networks.features.open_features`
    """

    clip: float = 10.0
    width: float = 64.0
    rate: float = 1e-4
    adversarial: float = 0.0
    perceptual: float = 0.0
    style: float = 0.0
    judge_width: float = 64.0
    features: str = "vgg16"
    features_weights: str = ""


class Recipe:
    """See `train.loop.Recipe`; made complete by a recipe of a method."""

    name = ""
    config_type: ClassVar[type[Config]] = Config
    judge_share: ClassVar[float] = 1.0
    """Rate of the judge, in shares of the generator's."""

    def __init__(
        self, data: Path, config: Config | None = None, machine: Machine | None = None
    ) -> None:
        self.config = config = config or self.config_type()
        self.machine = machine or Machine(config.precision, clip=config.clip)
        self.nets: dict[str, nn.Module] = {"net": self.build(config)}
        if config.adversarial:
            self.nets["judge"] = self.judge(config)
        self.optimizers: dict[str, torch.optim.Optimizer] = {}
        self.run: dict[str, nn.Module] = {}
        for key, net in self.nets.items():
            self.machine.place(net)
            self.optimizers[key] = self.optimizer(net)
            called = self.training_form(net) if key == "net" else net
            self.run[key] = self.machine.share(called, compiled=config.compile)
        self.features: nn.Module | None = None
        if config.perceptual or config.style:
            weights = Path(config.features_weights) if config.features_weights else None
            self.features = self.machine.place(open_features(config.features, weights))
        self.faces = held.crops(data, "train", config)
        self.stream = held.stream(self.example, config, self.machine)
        self.held = self.kept(data)

    # What a method is.

    @staticmethod
    def build(config: Config) -> nn.Module:
        """Return the untrained network."""
        raise NotImplementedError

    @staticmethod
    def judge(config: Config) -> nn.Module:
        """Return the untrained judge; called only where ``adversarial`` is above 0."""
        raise NotImplementedError

    @staticmethod
    def training_form(net: nn.Module) -> nn.Module:
        """Return what a step calls: the network, or one that gives its earlier stages as well."""
        return net

    def losses(self, stages: tuple[Tensor, ...], truth: Tensor, cover: Tensor) -> dict[str, Tensor]:
        """Return the losses of the generator, without the judge's, by the names of their weights.

        Parameters
        ----------
        stages : pictures that the network made, the last of them the result
        """
        raise NotImplementedError

    def scores(self, judge: nn.Module, image: Tensor, cover: Tensor) -> Tensor:
        """Return what the judge says of pictures."""
        said: Tensor = judge(image, cover)
        return said

    def fooling(self, fake: Tensor) -> Tensor:
        """Return the adversarial loss of the generator."""
        return losses.least_squares_generator(fake)

    def judging(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the loss of the judge."""
        return losses.least_squares_discriminator(real, fake)

    def optimizer(self, net: nn.Module) -> torch.optim.Optimizer:
        """Return an optimiser for the generator or for the judge."""
        return torch.optim.Adam(net.parameters(), self.config.rate, betas=(0.5, 0.999))

    def factor(self, progress: float) -> float:
        """Return what the rate is multiplied with."""
        return 1.0

    def phase(self, progress: float) -> tuple[bool, bool]:
        """Return whether the generator learns, and whether the judge does."""
        return True, True

    # What they share.

    def example(self, rng: np.random.Generator) -> Example:
        """One face, what is to be filled in it, and the light it is to be seen in; bytes."""
        sample = self.faces.varied(self.faces.draw(rng), rng)
        cover = hole(sample, rng).astype(np.uint8)
        return {
            "image": np.ascontiguousarray(sample.image.transpose(2, 0, 1)),
            "hole": cover[None],
            "light": light.draw(rng),
        }

    def given(self, batch: dict[str, Tensor]) -> tuple[tuple[Tensor, ...], Tensor, Tensor]:
        """Return what the network sees, the truth and the hole."""
        truth, cover = light.relit(batch["image"], batch["light"]), batch["hole"].float()
        return (truth * (1 - cover), cover), truth, cover

    def step(self, progress: float) -> dict[str, float]:
        """One step of the generator, then one of the judge."""
        inputs, truth, cover = self.given(self.machine.put(next(self.stream)))
        for key, optimizer in self.optimizers.items():
            share = self.judge_share if key == "judge" else 1.0
            for group in optimizer.param_groups:
                group["lr"] = self.config.rate * share * self.factor(progress)
        learns, judged = self.phase(progress)
        judged = judged and "judge" in self.nets
        parts: dict[str, Tensor] = {}
        with self.machine.autocast(), torch.set_grad_enabled(learns):
            out = self.run["net"](*inputs)
            stages = tuple(s.float() for s in (out if isinstance(out, tuple) else (out,)))
            made = composite(truth, stages[-1], cover)
            if learns:
                parts = self.losses(stages, truth, cover)
                if judged:
                    judge = self.nets["judge"].requires_grad_(False)
                    parts["adversarial"] = self.fooling(self.scores(judge, made, cover))
                    judge.requires_grad_(True)
        if learns:
            total = torch.stack([getattr(self.config, k) * v for k, v in parts.items()]).sum()
            self.machine.optimise(total, self.nets["net"], self.optimizers["net"])
        if judged:
            parts["judge"] = self._judge(made.detach(), truth, cover)
        return dict(zip(parts, torch.stack(list(parts.values())).detach().tolist(), strict=True))

    def _judge(self, made: Tensor, truth: Tensor, cover: Tensor) -> Tensor:
        """One step of the judge; made and true pictures pass through it at once."""
        with self.machine.autocast():
            pictures, covers = torch.cat([made, truth]), torch.cat([cover, cover])
            fake, real = self.scores(self.run["judge"], pictures, covers).chunk(2)
            loss = self.judging(real, fake)
        self.machine.optimise(loss, self.nets["judge"], self.optimizers["judge"])
        return loss

    def maps(self, truth: Tensor, *pictures: Tensor) -> list[list[Tensor]]:
        """Return feature maps of the true pictures, then of others, to compare with `losses`."""
        assert self.features is not None
        with torch.no_grad():
            real = self.features(truth)
        return [real, *(self.features(picture) for picture in pictures)]

    def kept(self, data: Path) -> dict[str, Tensor]:
        """Return what validation measures on."""
        return held.filled(held.crops(data, "val", self.config), self.config.validation)

    def inpainted(self, net: nn.Module, kept: dict[str, Tensor]) -> Tensor:
        """Return what a network makes of it, composited; float32 on the CPU."""
        return held.inpainted(net, kept, self.machine)

    def validate(self, net: nn.Module) -> dict[str, float]:
        """PSNR of the crop, L1 and sharpness inside the hole, beside Telea's."""
        return held.scores(self.inpainted(net, self.held), self.held)

    def picture(self, net: nn.Module) -> NDArray[np.uint8]:
        """Rows of hole, filled, truth."""
        some = {k: v[:16] for k, v in self.held.items()}
        return held.sheet(self.inpainted(net, some), some)


def export(net: nn.Module, path: Path) -> None:
    """Write ONNX with inputs ``image`` and ``matte``, output ``image_out``."""
    onnx_file.write(
        net,
        (torch.rand(1, 3, 256, 256), torch.ones(1, 1, 256, 256)),
        path,
        names=(["image", "matte"], ["image_out"]),
    )
