"""Convolutional Block Attention Module: Woo et al. 2018, "CBAM: Convolutional Block Attention
Module", section 3; used by GANMasker (`train.networks.ganmasker`).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

REDUCTION = 16
"""r of section 3, which the paper's experiments keep at 16."""


class ChannelAttention(nn.Module):
    """``M_c(F) = σ(W1(W0(F_avg)) + W1(W0(F_max)))``, one weight a channel (eq. 2).

    Parameters
    ----------
    reduction : r; W0 has C / r units, at least one, and a ReLU follows it
    """

    def __init__(self, channels: int, *, reduction: int = REDUCTION) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.first = nn.Conv2d(channels, hidden, 1, bias=False)  # W0, shared by both poolings
        self.second = nn.Conv2d(hidden, channels, 1, bias=False)  # W1

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C×1×1 in 0..1."""
        average, largest = x.mean((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
        return torch.sigmoid(self._perceptron(average) + self._perceptron(largest))

    def _perceptron(self, x: Tensor) -> Tensor:
        out: Tensor = self.second(nn.functional.relu(self.first(x)))
        return out


class SpatialAttention(nn.Module):
    """``M_s(F) = σ(f_7x7([F_avg; F_max]))``, one weight a pixel (eq. 3)."""

    def __init__(self, *, kernel: int = 7) -> None:
        super().__init__()
        self.mix = nn.Conv2d(2, 1, kernel, padding=kernel // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×1×H×W in 0..1."""
        pooled = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)
        return torch.sigmoid(self.mix(pooled))


class CBAM(nn.Module):
    """``F' = M_c(F) ⊗ F``, then ``F'' = M_s(F') ⊗ F'`` (eq. 1): channels first, as section 3 finds
    best.
    """

    def __init__(self, channels: int, *, reduction: int = REDUCTION) -> None:
        super().__init__()
        self.channel = ChannelAttention(channels, reduction=reduction)
        self.spatial = SpatialAttention()

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to the same."""
        x = self.channel(x) * x
        return self.spatial(x) * x
