"""Multi-scale Channel-Spatial Attention Module (M-CSAM) of "Face Mask Removal with Region-attentive
Face Inpainting", section 3.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class CSAM(nn.Module):
    """Channel-spatial attention, ``F_csa = β σ(W) ⊙ F + F`` (eqs. 2 and 3).

    W is a 3×3×3 convolution over (channel, height, width) with one input and one output map, β a
    learned scalar that starts at 0, so that the module starts as the identity.

    A 3-D convolution with one map is slow everywhere. The same function: each of its three
    channel slices is a 3×3 kernel shared by all channels (a depthwise convolution), and the three
    results are added after a shift by one channel.
    """

    def __init__(self) -> None:
        super().__init__()
        self.kernel = nn.Parameter(torch.empty(3, 3, 3))  # (channel, height, width)
        nn.init.uniform_(self.kernel, -(27**-0.5), 27**-0.5)
        self.bias = nn.Parameter(torch.zeros(1))
        self.beta = nn.Parameter(torch.zeros(1))

    def attention(self, x: Tensor) -> Tensor:
        """Return W, the convolution's result before the sigmoid; same shape as ``x``."""
        c = int(x.shape[1])  # a number even where it is traced: kernels need a known shape
        weight = self.kernel[:, None].expand(3, c, 3, 3)
        below, middle, above = (
            nn.functional.conv2d(x, weight[k][:, None], padding=1, groups=c) for k in range(3)
        )
        gap = torch.zeros_like(x[:, :1])
        below = torch.cat([gap, below[:, :-1]], 1)  # channel c sees c-1
        above = torch.cat([above[:, 1:], gap], 1)  # and c+1
        return below + middle + above + self.bias

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to the same."""
        return self.beta * torch.sigmoid(self.attention(x)) * x + x


class MCSAM(nn.Module):
    """Four parallel dilated 3×3 convolutions (1, 2, 4, 8) to C/4 channels each, concatenated
    (eq. 4); CSAM; plus the input (eq. 5).

    Parameters
    ----------
    attention : "csam", or "conv" for the ablation of section 4.4, table 3: a plain 3×3 convolution
        in CSAM's place
    """

    def __init__(
        self,
        channels: int,
        *,
        rates: tuple[int, ...] = (1, 2, 4, 8),
        attention: str = "csam",
    ) -> None:
        super().__init__()
        if attention not in ("csam", "conv"):
            raise ValueError(f"attention is {attention!r}; known are 'csam' and 'conv'")
        if channels % len(rates):
            raise ValueError(f"{channels} channels can't be shared by {len(rates)} branches")
        part = channels // len(rates)
        self.branches = nn.ModuleList(
            nn.Conv2d(channels, part, 3, padding=r, dilation=r) for r in rates
        )
        self.csam: nn.Module = (
            CSAM() if attention == "csam" else nn.Conv2d(channels, channels, 3, padding=1)
        )

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to the same."""
        multi = torch.cat([nn.functional.elu(b(x)) for b in self.branches], 1)
        attended: Tensor = self.csam(multi)
        return attended + x
