"""The partial convolution U-Net: Liu et al. 2018, "Image Inpainting for Irregular Holes Using
Partial Convolutions", section 3; with plain convolutions in their place it is the paper's own
baseline, and the floor of our table.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from train.networks.channels import channels

FULL_WIDTH = 64.0
LEVELS = 8
"""Halvings: at 256² the deepest level is one pixel."""
KERNELS = (7, 5, 5)
"""Of the first levels; 3 after them."""
CONVOLUTIONS = ("partial", "plain")

Valid = list[tuple[int, Tensor]]
"""Validity masks N×1×H×W in 0..1, each with the number of channels that it stands for."""


class PartialConv(nn.Module):
    """``x' = W(X ⊙ M) sum(1)/sum(M) + b`` where a window sees anything, else 0 (eq. 1); and the new
    mask, 1 wherever it does (eq. 2).
    """

    def __init__(self, channels_in: int, channels_out: int, *, kernel: int = 3, stride: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels_out, kernel, stride, kernel // 2, bias=False)
        self.bias = nn.Parameter(torch.zeros(channels_out, 1, 1))

    def forward(self, x: Tensor, valid: Valid) -> tuple[Tensor, Tensor]:
        """N×C_in×H×W, and masks that stand for its channels in turn, to features and mask."""
        kernel, stride = self.conv.kernel_size[0], self.conv.stride[0]
        total = sum(count for count, _ in valid)
        mean = torch.stack([mask * (count / total) for count, mask in valid]).sum(0)
        # Of the whole window: what is padded counts as not seen, as in the authors' layer.
        share = nn.functional.avg_pool2d(mean, kernel, stride, kernel // 2)
        seen = (share > 1e-6).to(x.dtype)
        shown = x * _over_channels(valid, x)
        out = self.conv(shown) / share.clamp(min=1e-6).to(x.dtype) + self.bias
        return out * seen, seen


class PConvUNet(nn.Module):
    """U-Net of eight levels (table 1 of its supplement): w, 2w, 4w, then 8w; w = 64.

    Parameters
    ----------
    width : w above
    levels : halvings
    convolution : "partial", or "plain" with the mask as a fourth channel
    """

    def __init__(
        self, width: float = FULL_WIDTH, *, levels: int = LEVELS, convolution: str = "partial"
    ) -> None:
        super().__init__()
        if convolution not in CONVOLUTIONS:
            raise ValueError(
                f"convolution is {convolution!r}; known are {' and '.join(CONVOLUTIONS)}"
            )
        self.partial = convolution == "partial"
        w = channels(width, *(min(2**k, 8) for k in range(levels)))
        first = 3 if self.partial else 4
        before = (first, *w[:-1])
        make = PartialConv if self.partial else _plain
        self.down = nn.ModuleList(
            make(i, o, kernel=(KERNELS[k] if k < len(KERNELS) else 3), stride=2)
            for k, (i, o) in enumerate(zip(before, w, strict=True))
        )
        after = (*w[-2::-1], 3)
        skips = (*w[-2::-1], first)
        coarse = w[::-1]
        self.up = nn.ModuleList(
            make(c + s, o) for c, s, o in zip(coarse, skips, after, strict=True)
        )
        # None after the first layer and the last, as in the paper.
        self.down_norm = nn.ModuleList(
            nn.BatchNorm2d(o) if k else nn.Identity() for k, o in enumerate(w)
        )
        self.up_norm = nn.ModuleList(
            nn.BatchNorm2d(o) if k < levels - 1 else nn.Identity() for k, o in enumerate(after)
        )

    def forward(self, image: Tensor, matte: Tensor) -> Tensor:
        """Fill the matte.

        The paper's last layer has no activation; a sigmoid keeps this one in the range of pictures.

        Parameters
        ----------
        image : N×3×H×W RGB in 0..1; what lies inside the matte is not looked at
        matte : N×1×H×W in 0..1; H and W multiples of 2 to the ``levels``

        Returns
        -------
        N×3×H×W RGB in 0..1
        """
        x = (image - 0.5) * (1 - matte) * 2
        if not self.partial:
            x = torch.cat([x, matte], 1)
        valid = 1 - matte
        skips = []
        for conv, norm in zip(self.down, self.down_norm, strict=True):
            skips.append((x, valid))
            x, valid = self._layer(conv, x, [(x.shape[1], valid)])
            x = nn.functional.relu(norm(x))
        for k, (conv, norm) in enumerate(zip(self.up, self.up_norm, strict=True)):
            skip, skip_valid = skips.pop()
            x, valid = _twice(x), _twice(valid)
            masks = [(x.shape[1], valid), (skip.shape[1], skip_valid)]
            x, valid = self._layer(conv, torch.cat([x, skip], 1), masks)
            if k < len(self.up) - 1:
                x = nn.functional.leaky_relu(norm(x), 0.2)
        return torch.sigmoid(x)

    def _layer(self, conv: nn.Module, x: Tensor, valid: Valid) -> tuple[Tensor, Tensor]:
        if self.partial:
            made: tuple[Tensor, Tensor] = conv(x, valid)
            return made
        out: Tensor = conv(x)
        return out, torch.ones_like(out[:, :1])


def _plain(channels_in: int, channels_out: int, *, kernel: int = 3, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(channels_in, channels_out, kernel, stride, kernel // 2)


def _over_channels(valid: Valid, x: Tensor) -> Tensor:
    return torch.cat([mask.expand(-1, count, -1, -1) for count, mask in valid], 1).to(x.dtype)


def _twice(x: Tensor) -> Tensor:
    return nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")
