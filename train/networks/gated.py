"""Gated convolution: soft, learned validity for each pixel and channel.

``y = φ(W_f * x) ⊙ σ(W_g * x)`` (Yu et al. 2019, "Free-Form Image Inpainting with Gated
Convolution", section 3.1), the building block of the M-CSAM generator. ``gate="full"`` is that
definition. ``gate="pointwise"`` uses a 1×1 convolution for the gate (Yi et al. 2020, "Contextual
Residual Aggregation", light weight gated convolutions), about half the cost.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class GatedConv(nn.Module):
    """N×C_in×H×W to N×C_out×(H/stride)×(W/stride).

    Parameters
    ----------
    kernel : side of the convolutions, odd; a pointwise gate keeps its 1×1
    dilation : of the feature's convolution, and of a full gate
    gate : "full" or "pointwise"
    shortcut : add the input itself, through a 1×1 convolution where its shape is another (He et al.
        2016, "Deep Residual Learning", section 3.2): what the gate closes, it lets by
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        *,
        stride: int = 1,
        gate: str = "full",
        kernel: int = 3,
        dilation: int = 1,
        shortcut: bool = False,
    ) -> None:
        super().__init__()
        if gate not in ("full", "pointwise"):
            raise ValueError(f"gate is {gate!r}; known are 'full' and 'pointwise'")
        shape = (channels_in, channels_out, kernel, stride, kernel // 2 * dilation, dilation)
        self.feature = nn.Conv2d(*shape)
        if gate == "full":
            self.gate: nn.Module = nn.Conv2d(*shape)
        elif stride == 1:
            self.gate = nn.Conv2d(channels_in, channels_out, 1)
        else:  # every pixel must have a say in the gate, so average before thinning out
            self.gate = nn.Sequential(nn.AvgPool2d(stride), nn.Conv2d(channels_in, channels_out, 1))
        self.shortcut = _shortcut(channels_in, channels_out, stride) if shortcut else None

    def forward(self, x: Tensor) -> Tensor:
        """Return the gated features."""
        gated = nn.functional.elu(self.feature(x)) * torch.sigmoid(self.gate(x))
        return gated if self.shortcut is None else gated + self.shortcut(x)


def _shortcut(channels_in: int, channels_out: int, stride: int) -> nn.Module:
    if stride == 1:
        same = channels_in == channels_out
        return nn.Identity() if same else nn.Conv2d(channels_in, channels_out, 1)
    return nn.Sequential(nn.AvgPool2d(stride), nn.Conv2d(channels_in, channels_out, 1))
