from __future__ import annotations

import pytest
import torch

from train.networks.mcsam import CSAM, MCSAM


def test_attention_is_the_papers_3d_convolution():
    torch.manual_seed(0)
    csam = CSAM()
    with torch.no_grad():
        csam.bias.fill_(0.3)
    x = torch.randn(2, 8, 9, 7)
    paper = torch.nn.functional.conv3d(x[:, None], csam.kernel[None, None], csam.bias, padding=1)
    assert torch.allclose(csam.attention(x), paper[:, 0], atol=1e-5)


def test_beta_zero_is_the_identity_and_learns():
    csam = CSAM()
    x = torch.randn(1, 4, 5, 5)
    assert torch.equal(csam(x), x)
    csam(x).square().sum().backward()
    assert csam.beta.grad is not None and csam.beta.grad.abs() > 0


def test_module_keeps_the_shape_and_adds_its_input():
    module = MCSAM(16)
    for branch in module.branches:
        torch.nn.init.zeros_(branch.weight)
        torch.nn.init.zeros_(branch.bias)
    x = torch.randn(2, 16, 12, 12)
    assert torch.equal(module(x), x)


def test_rates_are_the_papers():
    assert [b.dilation for b in MCSAM(16).branches] == [(1, 1), (2, 2), (4, 4), (8, 8)]


def test_channels_must_be_shared_evenly():
    with pytest.raises(ValueError, match="can't be shared"):
        MCSAM(10)
