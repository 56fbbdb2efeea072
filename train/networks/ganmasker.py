"""GANMasker: "GANMasker: A Two-Stage Generative Adversarial Network for High-Quality Face Mask
Removal" (Sensors 2023), section 3.

`MSeg` finds the mask (section 3.1), `FUNet` fills it (section 3.2), `Judge` is its discriminator.
The paper leaves widths open: they are w, 2w, 4w, 8w, 8w, with w = 64 as the full width. Open too is
what its figure 3b calls a Ge-block beyond "residual attention": here conv, BN, LeakyReLU and CBAM,
plus the block's input through a 1×1 convolution.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from train.networks.cbam import CBAM
from train.networks.channels import channels
from train.networks.inpainter import composite

FULL_WIDTH = 64.0
RATES = (2, 4, 8, 16)
"""Of the four dilated blocks between encoder and decoder (section 3.2.1 b)."""
SLOPE = 0.2
"""Of LeakyReLU below zero; open in the paper."""


class MSeg(nn.Module):
    """Mask segmentation: five levels with CBAM, five blocks up, skips (section 3.1, figure 3a).

    Parameters
    ----------
    width : w above
    """

    def __init__(self, width: float = FULL_WIDTH) -> None:
        super().__init__()
        w = channels(width, 1, 2, 4, 8, 8)
        before = (3, *w[:-1])
        self.down = nn.ModuleList(
            nn.Sequential(*_conv(i, o, nn.ReLU()), CBAM(o)) for i, o in zip(before, w, strict=True)
        )
        # A block up sees what is below it and its skip, and ends in the next skip's width.
        below = (w[4], *w[3::-1])
        self.up = nn.ModuleList(
            nn.Sequential(*_conv(b + w[4 - k], below[k + 1], nn.ReLU()))
            for k, b in enumerate(below[:4])
        )
        self.head = nn.Sequential(nn.Conv2d(below[4] + w[0], 1, 1, bias=False), nn.BatchNorm2d(1))

    def logits(self, image: Tensor) -> Tensor:
        """Return the matte before the sigmoid."""
        x, skips = image * 2 - 1, []
        for down in self.down:
            skips.append(down(x))
            x = nn.functional.max_pool2d(skips[-1], 2)
        for up in self.up:
            x = up(torch.cat([_twice(x), skips.pop()], 1))
        out: Tensor = self.head(torch.cat([_twice(x), skips.pop()], 1))
        return out

    def forward(self, image: Tensor) -> Tensor:
        """N×3×H×W RGB in 0..1, H and W multiples of 32, to a matte N×1×H×W in 0..1."""
        return torch.sigmoid(self.logits(image))


class FUNet(nn.Module):
    """Face unmasking: encoder, dilated bottleneck, decoder, MURF (section 3.2.1, figure 2).

    Parameters
    ----------
    width : w above
    """

    def __init__(self, width: float = FULL_WIDTH) -> None:
        super().__init__()
        w = channels(width, 1, 2, 4, 8, 8)
        before = (4, *w[:-1])
        self.down = nn.ModuleList(ResidualAttention(i, o) for i, o in zip(before, w, strict=True))
        self.middle = nn.Sequential(*(_dilated(w[4], rate) for rate in RATES))
        below = (w[4], *w[3::-1])
        self.up = nn.ModuleList(
            nn.Sequential(*_conv(b + w[4 - k], below[k + 1], nn.LeakyReLU(SLOPE)))
            for k, b in enumerate(below[:4])
        )
        self.head = nn.Sequential(nn.Conv2d(below[4] + w[0], 3, 1, bias=False), nn.BatchNorm2d(3))

    def forward(self, image: Tensor, matte: Tensor) -> Tensor:
        """Return the unmasked face; outside the matte it is the input, bit for bit.

        The paper shows the network the mask itself; here what lies inside the matte is taken away
        first, as for every other generator, and as the program does.

        Parameters
        ----------
        image : N×3×H×W RGB in 0..1; H and W multiples of 16
        matte : N×1×H×W in 0..1

        Returns
        -------
        N×3×H×W RGB in 0..1
        """
        x, skips = torch.cat([(image - 0.5) * (1 - matte) * 2, matte], 1), []
        for level, down in enumerate(self.down):
            x = down(nn.functional.max_pool2d(x, 2) if level else x)  # so the last is not pooled
            skips.append(x)
        x = self.middle(x)
        for level, up in enumerate(self.up):  # and the first up has nothing to enlarge
            x = up(torch.cat([_twice(x) if level else x, skips.pop()], 1))
        made = torch.sigmoid(self.head(torch.cat([_twice(x), skips.pop()], 1)))
        return murf(image, made, matte)


def murf(masked: Tensor, made: Tensor, matte: Tensor) -> Tensor:
    """Masked–Unmasked Region Fusion: generated × mask + masked face × reversed mask.

    Where the matte is 0 the sum is the masked face times 1 plus 0: the same bits. The same function
    as M-CSAM's equation 1, here part of the network, so that every loss sees the fused face.
    """
    return composite(masked, made, matte)


class ResidualAttention(nn.Module):
    """Ge-block (figure 3b): conv 3×3, BN, LeakyReLU, CBAM, plus the input through a 1×1."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *_conv(channels_in, channels_out, nn.LeakyReLU(SLOPE)), CBAM(channels_out)
        )
        self.short = nn.Conv2d(channels_in, channels_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        """N×C_in×H×W to N×C_out×H×W."""
        out: Tensor = self.body(x) + self.short(x)
        return out


class Judge(nn.Module):
    """Convolutions with LeakyReLU, each spectrally normalised (section 3.2.1, Miyato et al. 2018).

    Kernels and strides, which the paper leaves open, are those of the 70×70 patch discriminator.
    It sees the face alone (eq. 5: D(G(MF))).

    Parameters
    ----------
    width : channels of the first layer
    """

    def __init__(self, width: float = 64) -> None:
        super().__init__()
        a, b, c, d = channels(width, 1, 2, 4, 8)
        plan = [(3, a, 2), (a, b, 2), (b, c, 2), (c, d, 1), (d, 1, 1)]
        self.layers = nn.ModuleList(
            spectral_norm(nn.Conv2d(i, o, 4, stride, 1)) for i, o, stride in plan
        )

    def forward(self, image: Tensor) -> Tensor:
        """N×3×H×W RGB in 0..1 to scores N×1×h×w."""
        x = image * 2 - 1
        for layer in self.layers[:-1]:
            x = nn.functional.leaky_relu(layer(x), SLOPE)
        scores: Tensor = self.layers[-1](x)
        return scores


def _conv(channels_in: int, channels_out: int, activation: nn.Module) -> list[nn.Module]:
    return [
        nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels_out),
        activation,
    ]


def _dilated(width: int, rate: int) -> nn.Sequential:
    """BN, dilated convolution, LeakyReLU, in the order in which the paper lists them."""
    conv = nn.Conv2d(width, width, 3, padding=rate, dilation=rate)
    return nn.Sequential(nn.BatchNorm2d(width), conv, nn.LeakyReLU(SLOPE))


def _twice(x: Tensor) -> Tensor:
    return nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")
