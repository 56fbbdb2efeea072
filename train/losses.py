"""Losses of the inpainters. All pictures are N×3×H×W RGB in 0..1, mattes N×1×H×W in 0..1."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from train.networks.inpainter import composite

SUPERVISION = ("local", "full")
_SIDE = 11
"""Of the windows of structural similarity, pixels."""


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


def masked_l2(output: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """Mean squared difference where ``weight`` (N×1×H×W) lies (Iizuka et al. 2017, eq. 2)."""
    difference = ((output - truth).square() * weight).sum()
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


def of_maps(
    made: Sequence[Tensor], real: Sequence[Tensor], distance: Callable[[Tensor, Tensor], Tensor]
) -> Tensor:
    """Distance of feature maps by any measure, summed over the layers.

    With `torch.nn.functional.smooth_l1_loss` it is GANMasker's perceptual loss (eq. 9), with `l1`
    that of the partial convolutions (Liu et al. 2018, eq. 3) and of EdgeConnect.

    Parameters
    ----------
    made, real : maps N×C×H×W of one feature network
    """
    parts = [distance(m.float(), r.float()) for m, r in zip(made, real, strict=True)]
    return torch.stack(parts).sum()


def ssim(output: Tensor, truth: Tensor) -> Tensor:
    """Mean structural similarity (Wang et al. 2004, eq. 13: 11×11 Gaussian windows, σ 1.5).

    Windows that reach beyond the picture are left out. Where the two are equal it is 1, with no
    gradient: on a CPU only what lies about their differences is worked out.

    Parameters
    ----------
    output, truth : N×C×H×W, H and W at least 11
    """
    count = output[:, :, _SIDE - 1 :, _SIDE - 1 :].numel()
    with torch.autocast(output.device.type, enabled=False):
        a, b = output.float(), truth.float()
        if a.device.type == "cpu":  # a GPU would have to stop for the box
            rows, columns = _differing(a, b)
            a, b = a[:, :, rows, columns], b[:, :, rows, columns]
        a, b = a.flatten(0, 1), b.flatten(0, 1)
        mean_a, mean_b, square_a, square_b, product = _blurred(
            torch.stack([a, b, a * a, b * b, a * b])
        )
        # In bf16 these differences of squares would be noise.
        variance_a, variance_b = square_a - mean_a**2, square_b - mean_b**2
        both = product - mean_a * mean_b
        c1, c2 = 0.01**2, 0.03**2
        light = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
        here = light * (2 * both + c2) / (variance_a + variance_b + c2)
        return 1 - (1 - here).sum() / count


def _differing(a: Tensor, b: Tensor) -> tuple[slice, slice]:
    """Return the rows and columns of all windows in which two N×C×H×W pictures differ, or one."""
    differs = (a.detach() != b.detach()).any(0).any(0)
    found = []
    for along in (differs.any(1), differs.any(0)):
        at = along.nonzero()
        first, last = (int(at[0]), int(at[-1])) if len(at) else (0, 0)
        start = max(0, min(first - _SIDE + 1, len(along) - _SIDE))
        found.append(slice(start, last + _SIDE))
    return found[0], found[1]


def _blurred(x: Tensor) -> Tensor:
    """Blur each of the planes of an N×C×H×W tensor; windows that reach beyond it are left out."""
    place = torch.arange(_SIDE, device=x.device, dtype=x.dtype) - _SIDE // 2
    row = torch.exp(-(place**2) / (2 * 1.5**2))
    row = (row / row.sum()).expand(x.shape[1], 1, 1, _SIDE)
    across = nn.functional.conv2d(x, row, groups=x.shape[1])
    return nn.functional.conv2d(across, row.transpose(2, 3), groups=x.shape[1])


def reconstruction(output: Tensor, truth: Tensor) -> Tensor:
    """``1/2 (smooth L1 + 1 - SSIM)`` (GANMasker eqs. 6 to 8)."""
    smooth = nn.functional.smooth_l1_loss(output.float(), truth.float())
    return (smooth + 1 - ssim(output, truth)) / 2


def least_squares_generator(fake: Tensor) -> Tensor:
    """LSGAN, the generator's side (Mao et al. 2017; GANMasker eq. 5 with c = 1)."""
    return (fake.float() - 1).square().mean()


def least_squares_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """LSGAN, the discriminator's side (GANMasker eq. 10: b = 1 for true, a = 0 for made)."""
    return ((real.float() - 1).square().mean() + fake.float().square().mean()) / 2


def cross_entropy_generator(fake: Tensor) -> Tensor:
    """Adversarial cross-entropy, the generator's side, which wants its pictures called true.

    ``-log D`` in place of ``log(1 - D)``: the same aim with a gradient where the judge is sure
    (Goodfellow et al. 2014, section 3). Scores are before the sigmoid.
    """
    return nn.functional.softplus(-fake.float()).mean()


def cross_entropy_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Adversarial cross-entropy, the discriminator's side; scores are before the sigmoid."""
    true, made = nn.functional.softplus(-real.float()), nn.functional.softplus(fake.float())
    return true.mean() + made.mean()


def hinge_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Hinge loss, the discriminator's side (GatedConv, section 3.2).

    The generator's is minus the mean of its scores.
    """
    return nn.functional.relu(1 - real.float()).mean() + nn.functional.relu(1 + fake.float()).mean()


def variation(output: Tensor, matte: Tensor) -> Tensor:
    """Mean absolute difference of neighbours in the hole widened by one pixel (Liu et al. 2018,
    eq. 6).

    Parameters
    ----------
    output : the composite, so that the hole's border counts
    """
    wide = nn.functional.max_pool2d(matte, 3, 1, 1)
    down = (output[:, :, 1:] - output[:, :, :-1]).abs() * wide[:, :, 1:] * wide[:, :, :-1]
    right = (output[..., 1:] - output[..., :-1]).abs() * wide[..., 1:] * wide[..., :-1]
    return (down.sum() + right.sum()) / output.numel()
