"""Validation faces that stay the same: what recipes measure themselves on while they train."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from train import grid, metrics
from train.config import Common
from train.data.faces import FaceCrops
from train.data.holes import hole
from train.data.stream import Make, Stream
from train.machine import Machine
from train.networks.inpainter import composite

PART = 32
"""Pictures at a time: more would only need memory."""


def crops(data: Path, split: str, config: Common) -> FaceCrops:
    """Return a split's crops, from where the settings say."""
    memory = config.in_memory and split == "train"
    where = (data, split, Path(config.cache)) if config.cache else (data, split)
    return FaceCrops(
        *where,
        in_memory=memory,
        subset=config.subset,
        side=config.side,
        cut=config.cut,
        turned=config.turned,
    )


def stream(make: Make, config: Common, machine: Machine) -> Stream:
    """Return the batches of one process of a training."""
    return Stream(
        make,
        batch=config.batch,
        seed=config.seed,
        workers=machine.workers(config.workers),
        rank=machine.rank,
        world=machine.world,
        pinned=machine.on_gpu,
    )


def filled(faces: FaceCrops, count: int) -> dict[str, Tensor]:
    """Return fixed faces and holes with Telea's scores on them.

    Returns
    -------
    image (N, 3, S, S) and hole (N, 1, S, S), float32 in 0..1; telea (N, 2), PSNR and L1 in
    the hole
    """
    images, holes, telea = [], [], []
    for index in np.unique(np.linspace(0, len(faces) - 1, count).astype(int)):
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


@torch.no_grad()
def inpainted(net: nn.Module, held: dict[str, Tensor], machine: Machine) -> Tensor:
    """Return what a network makes of `filled`'s faces, composited; float32 on the CPU."""
    made = []
    pairs = zip(held["image"].split(PART), held["hole"].split(PART), strict=True)
    for truth, cover in pairs:
        put = machine.put({"image": truth, "hole": cover})
        with machine.autocast():
            out = net(put["image"] * (1 - put["hole"]), put["hole"])
        made.append(composite(truth, out.float().cpu(), cover))
    return torch.cat(made)


def scores(made: Tensor, held: dict[str, Tensor]) -> dict[str, float]:
    """Return PSNR of the crop, L1 and sharpness inside the hole, beside Telea's."""
    rows = []
    for m, t, h in zip(made, held["image"], held["hole"], strict=True):
        a, b, inside = picture(m), picture(t), h[0].numpy() > 0.5
        row = (metrics.psnr(a, b), metrics.hole_l1(a, b, inside))
        rows.append((*row, metrics.gradient_ratio(a, b, inside)))
    means = np.mean(rows, axis=0)
    return {
        "psnr": float(means[0]),
        "over_telea": float(means[0] - held["telea"][:, 0].mean()),
        "l1_of_telea": float(means[1] / held["telea"][:, 1].mean()),
        "sharpness": float(means[2]),
    }


def sheet(made: Tensor, held: dict[str, Tensor]) -> NDArray[np.uint8]:
    """Return rows of hole, filled, truth; four columns of them."""
    cut = held["image"] * (1 - held["hole"])
    return grid.grid(
        list(zip(*(bytes_of(x[:16]) for x in (cut, made, held["image"])), strict=True))
    )


def bytes_of(pictures: Tensor) -> list[NDArray[np.uint8]]:
    """Return (N, 3, H, W) in 0..1 as pictures to look at."""
    whole = (pictures.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy()
    return list(whole)


def picture(x: Tensor) -> NDArray[np.float32]:
    """Return a (3, H, W) tensor as (H, W, 3), cut to 0..1."""
    return np.asarray(x.clamp(0, 1).permute(1, 2, 0).numpy())
