"""Our own feature network for the perceptual and the style loss, where VGG-16 cannot be had.

Two tasks that need no other labels than the faces have: telling landmarks, so that the maps know
what a face is made of, and telling spoilt parts of the picture, so that they know texture.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from train import grid
from train.config import Common
from train.data.broken import CELL, spoilt
from train.data.faces import FaceCrops, Sample
from train.data.stream import Example
from train.machine import Machine, Through
from train.networks.features import FaceFeatures
from train.recipes import held
from train.schedule import cosine

MARKS = 10.0
"""Weight of the landmarks' loss: they are told in halves of the crop."""


@dataclass(frozen=True)
class Config(Common):
    """Settings beside `Common`.

    Attributes
    ----------
    width : as in `FaceFeatures`
    rate : of Adam
    """

    validation: int = 128
    width: int = 32
    rate: float = 1e-3


class Recipe:
    """See `train.loop.Recipe`."""

    name = "features"

    def __init__(
        self, data: Path, config: Config | None = None, machine: Machine | None = None
    ) -> None:
        self.config = config = config or Config()
        self.machine = machine or Machine(config.precision)
        self.faces = held.crops(data, "train", config)
        net = FaceFeatures(config.width, points=len(self.faces.known))
        self.nets: dict[str, nn.Module] = {"net": self.machine.place(net)}
        self.tasks = self.machine.share(Through(net, "tasks"), compiled=config.compile)
        self.optimizers: dict[str, torch.optim.Optimizer] = {
            "net": torch.optim.Adam(net.parameters(), config.rate)
        }
        self.stream = held.stream(self.example, config, self.machine)
        self.held = self._validation(held.crops(data, "val", config), config.validation)

    def example(self, rng: np.random.Generator) -> Example:
        """One crop, partly spoilt, its landmarks and where it is spoilt."""
        return self._example(self.faces.varied(self.faces.draw(rng), rng), rng)

    def _example(self, sample: Sample, rng: np.random.Generator) -> Example:
        image, broken = spoilt(sample.image, rng)
        marks = sample.landmarks.points[self.faces.known] / (self.config.side / 2) - 1
        return {
            "image": np.ascontiguousarray(image.transpose(2, 0, 1)),
            "marks": marks.astype(np.float32),
            "broken": broken[None],
        }

    def step(self, progress: float) -> dict[str, float]:
        """One optimisation step."""
        batch = self.machine.put(next(self.stream))
        for group in self.optimizers["net"].param_groups:
            group["lr"] = self.config.rate * cosine(progress)
        with self.machine.autocast():
            marks, broken = self.tasks(batch["image"].float() / 255)
        losses = {
            "marks": (marks.float() - batch["marks"]).abs().mean(),
            "broken": nn.functional.binary_cross_entropy_with_logits(
                broken.float(), batch["broken"].float()
            ),
        }
        total = MARKS * losses["marks"] + losses["broken"]
        self.machine.optimise(total, self.nets["net"], self.optimizers["net"])
        return {k: float(v.detach()) for k, v in losses.items()}

    def validate(self, net: nn.Module) -> dict[str, float]:
        """Landmarks' error in pixels, and share of cells told rightly, of spoilt and of others."""
        marks, broken = self._told(net, self.held["image"])
        wrong, told = self.held["broken"] > 0, broken > 0
        return {
            "marks_pixels": float((marks - self.held["marks"]).abs().mean()) * self.config.side / 2,
            "spoilt_seen": float(told[wrong].float().mean()),
            "sound_seen": float((~told[~wrong]).float().mean()),
        }

    def picture(self, net: nn.Module) -> NDArray[np.uint8]:
        """Crops with the landmarks told, and in red what is taken for spoilt; six a row."""
        some = self.held["image"][:24]
        marks, broken = self._told(net, some)
        cells = []
        for image, points, map_ in zip(some, marks, broken, strict=True):
            tile = np.ascontiguousarray(image.permute(1, 2, 0).numpy())
            red = np.kron(map_[0].numpy() > 0, np.ones((CELL, CELL), bool))
            tile[red, 0] = 255
            for x, y in ((points.numpy() + 1) * self.config.side / 2).round().astype(int).tolist():
                cv2.circle(tile, (x, y), 1, (255, 255, 0), -1)
            cells.append(tile)
        return grid.grid([[cell] for cell in cells], columns=6)

    @torch.no_grad()
    def _told(self, net: nn.Module, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return a network's landmarks and logits, on the CPU."""
        tasks = Through(net, "tasks")
        rows = []
        for part in images.split(held.PART):
            with self.machine.autocast():
                told = tasks(part.to(self.machine.device).float() / 255)
            rows.append([t.float().cpu() for t in told])
        return torch.cat([r[0] for r in rows]), torch.cat([r[1] for r in rows])

    def _validation(self, faces: FaceCrops, count: int) -> dict[str, Tensor]:
        rows = [
            self._example(faces.plain(int(i)), np.random.default_rng(int(i)))
            for i in np.unique(np.linspace(0, len(faces) - 1, count).astype(int))
        ]
        return {k: torch.from_numpy(np.stack([row[k] for row in rows])) for k in rows[0]}


def network(config: Config | None = None) -> FaceFeatures:
    """Return the untrained network."""
    return FaceFeatures((config or Config()).width)
