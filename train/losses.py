"""Losses of the inpainters. All pictures are N×3×H×W RGB in 0..1, mattes N×1×H×W in 0..1."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from train.networks.inpainter import composite

SUPERVISION = ("local", "full")


def supervised(image: Tensor, filled: Tensor, matte: Tensor, supervision: str) -> Tensor:
    """Return the picture that the losses look at.

    "local" is ``I_syn``, so that only the hole is supervised, "full" the network's whole output
    ``I_r`` (M-CSAM, section 4.4, table 2).

    Raises
    ------
    ValueError
        on another name
    """
    if supervision not in SUPERVISION:
        raise ValueError(f"supervision is {supervision!r}, wanted one of {SUPERVISION}")
    return composite(image, filled, matte) if supervision == "local" else filled


def l1(output: Tensor, truth: Tensor) -> Tensor:
    """Mean absolute difference over the whole picture (M-CSAM eq. 7)."""
    return (output - truth).abs().mean()


def masked_l1(output: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """Mean absolute difference where ``weight`` (N×1×H×W) lies (M-CSAM eq. 7, local)."""
    difference = ((output - truth).abs() * weight).sum()
    return difference / (weight.sum() * output.shape[1]).clamp(min=1)


def perceptual(made: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """Distance of feature maps, summed over the layers (M-CSAM eq. 8).

    The paper divides the norm by W·H·C; read as the mean square, since the norm itself over that
    count vanishes as maps grow: below a thousandth of the loss at 256².

    Parameters
    ----------
    made, real : maps N×C×H×W of one feature network
    """
    parts = [(m.float() - r.float()).square().mean() for m, r in zip(made, real, strict=True)]
    return torch.stack(parts).sum()


def gram(features: Tensor) -> Tensor:
    """Return the Gram matrices N×C×C of maps N×C×H×W, over C·H·W: in bf16 sums would overflow."""
    n, c, h, w = features.shape
    flat = features.float().reshape(n, c, h * w)
    with torch.autocast(features.device.type, enabled=False):
        return flat @ flat.transpose(1, 2) / (c * h * w)


def style(made: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """Mean absolute difference of Gram matrices, summed over the layers (M-CSAM eq. 9).

    1/C² of the equation is the mean over the matrix. How the matrices themselves are scaled is
    left open; with `gram`'s division the weight of 250 is that of EdgeConnect (Nazeri et al. 2019),
    whose four weights the paper shares.
    """
    parts = [(gram(m) - gram(r)).abs().mean() for m, r in zip(made, real, strict=True)]
    return torch.stack(parts).sum()


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
