from __future__ import annotations

import torch

from train.macs import parameters
from train.networks.region_norm import BasicRegionNorm, LearnableRegionNorm
from train.networks.rn import RegionNormNet


def test_basic_norms_encode_and_learnable_ones_follow():
    net = RegionNormNet(2)
    kinds = [type(m) for m in net.modules()]
    assert kinds.count(BasicRegionNorm) == 3
    assert kinds.count(LearnableRegionNorm) == 8 * 2 + 2
    made = net(torch.rand(2, 3, 32, 32), torch.zeros(2, 1, 32, 32))
    assert made.shape == (2, 3, 32, 32) and made.min() >= 0 and made.max() <= 1
    made.sum().backward()
    assert all(p.grad is not None for n, p in net.named_parameters())
    with torch.device("meta"):
        image, matte = torch.empty(1, 3, 256, 256), torch.empty(1, 1, 256, 256)
        assert RegionNormNet()(image, matte).shape == image.shape
        assert round(parameters(RegionNormNet()) / 1e6, 1) == 11.6  # M-CSAM's paper, section 5


def test_it_cannot_see_under_the_matte():
    net = RegionNormNet(2).eval()
    matte = torch.zeros(1, 1, 32, 32)
    matte[..., 8:24, 8:24] = 1
    image = torch.rand(1, 3, 32, 32)
    other = torch.where(matte > 0, torch.rand(1, 3, 32, 32), image)
    with torch.no_grad():
        assert torch.equal(net(image, matte), net(other, matte))
