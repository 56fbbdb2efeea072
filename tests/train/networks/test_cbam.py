from __future__ import annotations

import torch
from torch import nn

from train.networks.cbam import CBAM, ChannelAttention, SpatialAttention


def test_channel_attention_is_equation_two():
    torch.manual_seed(0)
    module = ChannelAttention(32)
    assert module.first.out_channels == 2, "C / r, r = 16"
    x = torch.randn(2, 32, 5, 7)
    w0, w1 = module.first.weight[:, :, 0, 0], module.second.weight[:, :, 0, 0]
    pooled = x.flatten(2).mean(2), x.flatten(2).max(2).values
    wanted = torch.sigmoid(sum(torch.relu(p @ w0.T) @ w1.T for p in pooled))
    assert torch.allclose(module(x)[:, :, 0, 0], wanted, atol=1e-6)


def test_spatial_attention_is_equation_three():
    torch.manual_seed(0)
    module = SpatialAttention()
    x = torch.randn(2, 6, 9, 9)
    both = torch.stack([x.mean(1), x.max(1).values], 1)
    assert module.mix.weight.shape == (1, 2, 7, 7)
    wanted = torch.sigmoid(nn.functional.conv2d(both, module.mix.weight, padding=3))
    assert torch.allclose(module(x), wanted, atol=1e-6)


def test_channels_come_first_and_both_are_multiplied():
    torch.manual_seed(0)
    module = CBAM(8)
    assert module.channel.first.out_channels == 1, "never no unit at all"
    x = torch.randn(1, 8, 6, 6)
    first = module.channel(x) * x
    assert torch.allclose(module(x), module.spatial(first) * first)
    module(x).sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in module.parameters())
