"""Recipe of the finder: composed frames in, heat, boxes and keypoints out.

The bank of faces is made on the first run (minutes) or beforehand by
``python -m train.data.patches``; one process composes while this one trains.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from train import onnx_file
from train.data import patches
from train.data.compose import MOST_FACES, Composer, Frame
from train.data.replay import Replay
from train.data.scenes import load_scenes
from train.memory import keep_memory
from train.networks.finder import Finder, geometry
from train.recipes.finder_loss import focal, shape_losses, targets
from train.recipes.finder_report import draw, score
from unmask_live.vision.find import HEIGHT, STRIDE, THRESHOLD, WIDTH

BATCH = 32
RATE = 3e-3
WARM_UP = 0.02
WEIGHTS = {"heat": 1.0, "box": 2.0, "points": 6.0}
VALIDATION = 320
"""Composed frames of the validation split."""

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


class Stream(IterableDataset[Arrays]):
    """Endless composed frames; every worker process has its own random numbers."""

    def __init__(self, composer: Composer) -> None:
        self._composer = composer

    def __iter__(self) -> Iterator[Arrays]:
        cv2.setNumThreads(1)
        rng = np.random.default_rng(torch.initial_seed() % 2**63)
        while True:
            yield as_arrays(self._composer.frame(rng))


class Recipe:
    """What `train.fit` drives; see its protocol.

    Parameters
    ----------
    data : the face data's folder
    batch : frames a step
    cache : where the bank is
    count : faces in the bank, if it is not yet made
    workers : processes that compose; 0 composes in this one
    frames : composed frames to validate on
    """

    name = "finder"

    def __init__(
        self,
        data: Path,
        *,
        batch: int | None = None,
        seed: int = 0,
        cache: Path = patches.DEFAULT_CACHE,
        count: int | None = None,
        workers: int = 1,
        frames: int = VALIDATION,
    ) -> None:
        keep_memory()
        torch.manual_seed(seed)
        self._batch = batch or BATCH
        self._workers = workers
        scenes = list(load_scenes(data, test=False).values())
        self._composer = Composer(patches.build(data, cache, "train", count), scenes)
        unseen = list(load_scenes(data, test=True).values())
        judge = Composer(patches.build(data, cache, "val", count), unseen)
        rng = np.random.default_rng(7)
        self._judged = [judge.frame(rng) for _ in range(frames)]
        net = network().to(memory_format=torch.channels_last)
        self.nets: dict[str, nn.Module] = {"net": net}
        kernels = [p for p in net.parameters() if p.ndim > 1]
        rest = [p for p in net.parameters() if p.ndim <= 1]
        groups = [{"params": kernels, "weight_decay": 0.02}, {"params": rest, "weight_decay": 0.0}]
        self._optimizer = torch.optim.AdamW(groups, lr=RATE)
        self.optimizers: dict[str, torch.optim.Optimizer] = {"net": self._optimizer}
        self._frames: Iterator[list[Tensor]] | None = None
        self._replay = Replay(seed=seed)

    def step(self, progress: float) -> dict[str, float]:
        """Train on one batch; the rate warms up, then falls along a cosine."""
        if self._frames is None:  # late, so that a resumed run has its random state back
            loader = DataLoader(
                Stream(self._composer),
                batch_size=self._batch,
                num_workers=self._workers,
                prefetch_factor=4 if self._workers else None,
                persistent_workers=self._workers > 0,
            )
            self._frames = iter(loader)
        fall = 0.5 * (1 + math.cos(math.pi * progress))
        for group in self._optimizer.param_groups:
            group["lr"] = RATE * min(1.0, 0.05 + progress / WARM_UP) * max(fall, 0.005)
        images, boxes, keypoints, kinds = next(self._frames)
        self._replay.mix(images, boxes, keypoints, kinds)
        net = self.nets["net"].train()
        raw = net.raw(as_input(images))  # type: ignore[operator]
        self._replay.learn(images, kinds, raw[:, 0])
        heat, weight, owner = targets(boxes, kinds, (HEIGHT // STRIDE, WIDTH // STRIDE), STRIDE)
        losses = {"heat": focal(raw[:, 0], heat, weight)}
        losses["box"], losses["points"] = shape_losses(
            geometry(raw[:, 1:]), heat, owner, boxes, keypoints, STRIDE
        )
        total: Tensor = sum((WEIGHTS[k] * v for k, v in losses.items()), torch.zeros(()))
        self._optimizer.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        self._optimizer.step()
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
        for start in range(0, len(frames), self._batch):
            part = np.stack([f.image for f in frames[start : start + self._batch]])
            heat, shape = net(as_input(torch.from_numpy(part)))
            found += zip(heat[:, 0].numpy(), shape.numpy(), strict=True)
        return found


def as_input(images: Tensor) -> Tensor:
    """Turn (N, H, W, 3) uint8 into (N, 3, H, W) float 0..1; it stays channels-last in memory."""
    return images.permute(0, 3, 1, 2).float().mul_(1 / 255)
