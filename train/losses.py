"""Losses of the inpainter. All pictures are N×3×H×W RGB in 0..1, mattes N×1×H×W in 0..1."""

from __future__ import annotations

import torch
from torch import Tensor


def masked_l1(output: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """Mean absolute difference where ``weight`` (N×1×H×W) lies (M-CSAM eq. 7, local)."""
    difference = ((output - truth).abs() * weight).sum()
    return difference / (weight.sum() * output.shape[1]).clamp(min=1)


def relativistic_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Relativistic average least squares, the discriminator's side (M-CSAM eq. 6)."""
    r, f = real.float(), fake.float()
    return ((r - f.mean() - 1) ** 2).mean() + ((f - r.mean() + 1) ** 2).mean()


def relativistic_generator(real: Tensor, fake: Tensor) -> Tensor:
    """Relativistic average least squares, the generator's side (M-CSAM eq. 6)."""
    r, f = real.float(), fake.float()
    return ((r - f.mean() + 1) ** 2).mean() + ((f - r.mean() - 1) ** 2).mean()


def feature_matching(real: list[Tensor], fake: list[Tensor]) -> Tensor:
    """Mean absolute difference of the discriminator's features (Wang et al. 2018, eq. 4)."""
    parts = [(f - r.detach()).abs().mean() for r, f in zip(real, fake, strict=True)]
    return torch.stack(parts).mean()
