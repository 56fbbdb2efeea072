"""The averaged weights: what is validated and shipped."""

from __future__ import annotations

import copy

import torch
from torch import nn


class Ema:
    """Exponential moving average of a network's weights and buffers."""

    def __init__(self, net: nn.Module, decay: float = 0.998) -> None:
        self.net = copy.deepcopy(net).eval().requires_grad_(False)
        self.decay = decay
        self.steps = 0

    @torch.no_grad()
    def update(self, net: nn.Module) -> None:
        """Move towards ``net``; faster during the first steps."""
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        ours, theirs = [], []
        for mine, its in zip(
            self.net.state_dict().values(), net.state_dict().values(), strict=True
        ):
            if mine.dtype.is_floating_point:
                ours.append(mine)
                theirs.append(its)
            else:
                mine.copy_(its)
        torch._foreach_lerp_(ours, theirs, 1 - decay)  # one launch on a GPU, not hundreds
