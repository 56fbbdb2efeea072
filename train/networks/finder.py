"""The finder: a small heat-map detector of faces with five keypoints.

Depthwise-separable residual blocks on four scales, a feature pyramid (Lin et al., 2017) back to
stride 4, and one 1x1 layer for everything: heat, box and keypoints of CenterNet (Zhou et al.,
"Objects as Points", 2019). Depth sits at strides 8 to 32, where a block costs little; the stem is
two strided dense convolutions because on CPUs these beat depthwise ones at full size.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

OUTPUTS = 1 + 4 + 10
"""Heat; left, top, right, bottom; five keypoints."""


def _conv(inputs: int, outputs: int, size: int, stride: int = 1, act: bool = True) -> nn.Sequential:
    layers: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return nn.Sequential(*layers, *([nn.ReLU(inplace=True)] if act else []))


class Block(nn.Module):
    """Residual depthwise-separable convolution; one batch norm, because they cost like a layer."""

    def __init__(self, width: int, size: int = 3) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(width, width, size, padding=size // 2, groups=width)
        self.pointwise = _conv(width, width, 1, act=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the same shape."""
        return _sum_relu(self.pointwise(F.relu(self.depthwise(x), inplace=True)), x)


class Down(nn.Module):
    """Halves the size: depthwise stride 2, then a change of width."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(inputs, inputs, 3, 2, 1, groups=inputs)
        self.pointwise = _conv(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, outputs, H/2, W/2)."""
        out: Tensor = self.pointwise(F.relu(self.depthwise(x), inplace=True))
        return out


class Finder(nn.Module):
    """Frame to heat, box and keypoints on a grid of stride 4.

    Parameters
    ----------
    widths : channels at strides 2, 4, 8, 16, 32
    depths : blocks at strides 4, 8, 16, 32
    pyramid : channels of the pyramid at strides 16 and 8; at stride 4 it has ``widths[1]``
    """

    def __init__(
        self,
        widths: tuple[int, int, int, int, int] = (16, 32, 64, 112, 144),
        depths: tuple[int, int, int, int] = (1, 3, 4, 3),
        pyramid: int = 64,
    ) -> None:
        super().__init__()
        w2, w4, w8, w16, w32 = widths
        self.stem = nn.Sequential(_conv(3, w2, 3, 2), _conv(w2, w4, 3, 2))
        self.stage4 = nn.Sequential(*(Block(w4) for _ in range(depths[0])))
        self.stage8 = nn.Sequential(Down(w4, w8), *(Block(w8) for _ in range(depths[1])))
        self.stage16 = nn.Sequential(Down(w8, w16), *(Block(w16) for _ in range(depths[2])))
        # 5x5 at stride 32: the field of view must hold a face that fills the frame
        self.stage32 = nn.Sequential(Down(w16, w32), *(Block(w32, 5) for _ in range(depths[3])))
        self.side32 = _conv(w32, pyramid, 1, act=False)
        self.side16 = _conv(w16, pyramid, 1, act=False)
        self.side8 = _conv(w8, pyramid, 1, act=False)
        self.merge16 = Block(pyramid)
        self.merge8 = Block(pyramid)
        self.narrow = _conv(pyramid, w4, 1, act=False)
        self.merge4 = nn.Sequential(Block(w4), Block(w4))
        self.head = nn.Conv2d(w4, OUTPUTS, 1)
        nn.init.normal_(self.head.weight, std=0.01)
        with torch.no_grad():
            self.head.bias.zero_()
            self.head.bias[0] = -4.6  # heat 0.01: a focal loss would diverge from 0.5
            self.head.bias[1:5] = math.log(5.0)  # half a face of 40 pixels, in cells

    def raw(self, image: Tensor) -> Tensor:
        """Return (N, 15, H/4, W/4): heat logit, logarithms of distances, keypoints over size."""
        c4 = self.stage4(self.stem(image))
        c8 = self.stage8(c4)
        c16 = self.stage16(c8)
        c32 = self.stage32(c16)
        p16 = self.merge16(_sum_relu(self.side16(c16), _double(self.side32(c32))))
        p8 = self.merge8(_sum_relu(self.side8(c8), _double(p16)))
        p4 = self.merge4(_sum_relu(_double(self.narrow(p8)), c4))
        out: Tensor = self.head(p4)
        return out

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return heat (N, 1, H/4, W/4) in 0..1 and geometry (N, 14, H/4, W/4) in cells.

        Parameters
        ----------
        image : (N, 3, H, W) float RGB in 0..1, letterboxed; H and W multiples of 32

        Returns
        -------
        As `unmask_live.vision.find` describes the engine's outputs.
        """
        out = self.raw(image)
        return torch.sigmoid(out[:, :1]), geometry(out[:, 1:])


def geometry(raw: Tensor) -> Tensor:
    """Turn the head's 14 numbers (dimension 1) into distances and offsets in cells.

    Distances are exponentials, so that a relative error costs the same at any size; keypoints come
    in units of half the box for the same reason.
    """
    sides = raw[:, :4].clamp(-3.0, 4.5).exp()
    half = sides.mean(1, keepdim=True)
    return torch.cat([sides, raw[:, 4:] * half], 1)


def _sum_relu(x: Tensor, other: Tensor) -> Tensor:
    """Return relu(x + other), writing over ``x``: on a CPU such layers cost by the memory touched.

    Safe for gradients where ``x`` comes from a batch norm or an upsampling, which keep no output.
    """
    return F.relu(x.add_(other), inplace=True)


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")
