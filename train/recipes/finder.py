"""Recipe of the finder: composed frames in, heat, boxes and keypoints out.

The bank of faces is made on the first run (minutes) or beforehand by
``python -m train.data.patches``; worker processes compose while this one trains.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from train import onnx_file
from train.config import Common
from train.data import patches
from train.data.compose import MOST_FACES, Composer, Frame
from train.data.replay import Replay
from train.data.scenes import load_scenes
from train.data.stream import Example
from train.machine import Machine, Through
from train.memory import keep_memory
from train.networks.finder import Finder, geometry
from train.recipes import held
from train.recipes.finder_loss import focal, shape_losses, targets
from train.recipes.finder_report import draw, score
from unmask_live.errors import UserError
from unmask_live.vision.find import HEIGHT, STRIDE, THRESHOLD, WIDTH

RATE = 3e-3
WARM_UP = 0.02
WEIGHTS = {"heat": 1.0, "box": 2.0, "points": 6.0}

Arrays = tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]


def as_arrays(frame: Frame) -> Arrays:
    """Return image, boxes (F, 4), keypoints (F, 5, 2), kinds (F,), padded to `MOST_FACES`."""
    boxes = np.zeros((MOST_FACES, 4), np.float32)
    keypoints = np.zeros((MOST_FACES, 5, 2), np.float32)
    kinds = np.zeros(MOST_FACES, np.int64)
    for i, kind in enumerate(frame.kinds):
        boxes[i], keypoints[i], kinds[i] = frame.boxes[i], frame.keypoints[i], kind
    return frame.image, boxes, keypoints, kinds


def network() -> Finder:
    """Return the network, untrained, as it ships."""
    return Finder()


def export(net: nn.Module, path: Path) -> None:
    """Write ONNX: input ``image`` (1, 3, 192, 320), outputs ``heat`` and ``geometry``."""
    onnx_file.write(
        net, (torch.zeros(1, 3, HEIGHT, WIDTH),), path, names=(["image"], ["heat", "geometry"])
    )


@dataclass(frozen=True)
class Config(Common):
    """The finder's settings, beside `Common`.

    Attributes
    ----------
    bank : folder of the bank of faces; "" is the usual one
    count : faces in the bank, if it is not yet made; 0 is as many as usual
    """

    batch: int = 32
    clip: float = 10.0
    bank: str = ""
    count: int = 0
    validation: int = 320


class Recipe:
    """What `train.fit` drives; see `train.loop.Recipe`.

    What `Replay` keeps is not in the checkpoint: a resumed run collects it anew.
    """

    name = "finder"

    def __init__(
        self, data: Path, config: Config | None = None, machine: Machine | None = None
    ) -> None:
        keep_memory()
        config = config or Config()
        usual = (Config.side, Config.cut, Config.turned)
        if (config.side, config.cut, config.turned) != usual:
            raise UserError("the finder sees whole frames: leave side, cut and turned as they are")
        torch.manual_seed(config.seed)
        self.machine = machine or Machine(config.precision, clip=config.clip)
        cache = Path(config.bank) if config.bank else patches.DEFAULT_CACHE
        count = config.count or None
        scenes = list(load_scenes(data, test=False).values())
        self._composer = Composer(patches.build(data, cache, "train", count), scenes)
        unseen = list(load_scenes(data, test=True).values())
        judge = Composer(patches.build(data, cache, "val", count), unseen)
        rng = np.random.default_rng(7)
        self._judged = [judge.frame(rng) for _ in range(config.validation)]
        net = self.machine.place(network())
        self.nets: dict[str, nn.Module] = {"net": net}
        self._raw = self.machine.share(Through(net, "raw"), compiled=config.compile)
        kernels = [p for p in net.parameters() if p.ndim > 1]
        rest = [p for p in net.parameters() if p.ndim <= 1]
        groups = [{"params": kernels, "weight_decay": 0.02}, {"params": rest, "weight_decay": 0.0}]
        self._optimizer = torch.optim.AdamW(groups, lr=RATE)
        self.optimizers: dict[str, torch.optim.Optimizer] = {"net": self._optimizer}
        self.stream = held.stream(self.example, config, self.machine)
        self._replay = Replay(seed=config.seed)

    def example(self, rng: np.random.Generator) -> Example:
        """One composed frame; see `as_arrays`."""
        names = ("image", "boxes", "points", "kinds")
        return dict(zip(names, as_arrays(self._composer.frame(rng)), strict=True))

    def step(self, progress: float) -> dict[str, float]:
        """Train on one batch; the rate warms up, then falls along a cosine."""
        fall = 0.5 * (1 + math.cos(math.pi * progress))
        for group in self._optimizer.param_groups:
            group["lr"] = RATE * min(1.0, 0.05 + progress / WARM_UP) * max(fall, 0.005)
        batch = self.machine.put(next(self.stream))
        images, boxes, keypoints, kinds = (batch[k] for k in ("image", "boxes", "points", "kinds"))
        self._replay.mix(images, boxes, keypoints, kinds)
        net = self.nets["net"].train()
        with self.machine.autocast():
            raw = self._raw(as_input(images)).float()
        self._replay.learn(images, kinds, raw[:, 0])
        heat, weight, owner = targets(boxes, kinds, (HEIGHT // STRIDE, WIDTH // STRIDE), STRIDE)
        losses = {"heat": focal(raw[:, 0], heat, weight)}
        losses["box"], losses["points"] = shape_losses(
            geometry(raw[:, 1:]), heat, owner, boxes, keypoints, STRIDE
        )
        total: Tensor = sum((WEIGHTS[k] * v for k, v in losses.items()), raw.new_zeros(()))
        self.machine.optimise(total, net, self._optimizer)
        report = {k: float(v.detach()) for k, v in losses.items()}
        return report | {"hard": float(len(self._replay))}

    def validate(self, net: nn.Module) -> dict[str, float]:
        """Return recall, false finds a frame, keypoint error on frames of unseen people."""
        return score(self._judged, self._run(net, self._judged), THRESHOLD)

    def picture(self, net: nn.Module) -> NDArray[np.uint8]:
        """Return composed frames with what is found in them."""
        some = self._judged[:30]
        return draw(some, self._run(net, some), THRESHOLD)

    def export(self, net: nn.Module, path: Path) -> None:
        """Write ONNX; see `export`."""
        export(net, path)

    @torch.no_grad()
    def _run(self, net: nn.Module, frames: list[Frame]) -> list[tuple[NDArray, NDArray]]:
        """Return (heat, geometry) of every frame, without the batch dimension."""
        net.eval()
        found: list[tuple[NDArray, NDArray]] = []
        for start in range(0, len(frames), held.PART):
            part = np.stack([f.image for f in frames[start : start + held.PART]])
            heat, shape = net(as_input(torch.from_numpy(part).to(self.machine.device)))
            found += zip(heat[:, 0].cpu().numpy(), shape.cpu().numpy(), strict=True)
        return found


def as_input(images: Tensor) -> Tensor:
    """Turn (N, H, W, 3) uint8 into (N, 3, H, W) float 0..1; it stays channels-last in memory."""
    return images.permute(0, 3, 1, 2).float().mul_(1 / 255)
