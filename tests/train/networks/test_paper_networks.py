from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn

from train.networks.discriminator import FeaturePatchDiscriminator
from train.networks.generator import FULL_WIDTH, Generator
from train.networks.inpainter import LiveInpainter, composite
from train.networks.mcsam import CSAM, MCSAM
from train.networks.unet import UNet


def parameters(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def test_the_generator_has_the_papers_parameters():
    with torch.device("meta"):
        net = Generator()
        image, matte = torch.empty(1, 3, 256, 256), torch.empty(1, 1, 256, 256)
        assert abs(parameters(net) - 44.7e6) < 1e6
        assert net(image, matte).shape == image.shape
        assert [m.csam.__class__ for m in net.middle] == [CSAM] * 3
        assert net.middle[0].branches[0].in_channels == 8 * FULL_WIDTH


def test_one_width_leads_down_to_the_live_size():
    with torch.device("meta"):
        assert 0.5 < parameters(Generator(24)) / parameters(LiveInpainter()) < 2
        sizes = [parameters(Generator(w)) for w in (8, 16, 32, 64)]
        assert all(3.5 < b / a < 4.1 for a, b in itertools.pairwise(sizes))
    with pytest.raises(ValueError, match="width is 0"):
        Generator(0)


def test_the_generator_cannot_see_under_the_matte():
    net = Generator(4).eval()
    matte = torch.zeros(1, 1, 64, 64)
    matte[..., 20:50, 10:40] = 1
    image = torch.rand(1, 3, 64, 64)
    other = torch.where(matte > 0, torch.rand(1, 3, 64, 64), image)
    with torch.no_grad():
        made = net(image, matte)
        assert torch.equal(made, net(other, matte))
    assert made.shape == image.shape and made.min() >= 0 and made.max() <= 1


def test_all_four_skips_and_every_weight_are_used():
    net = Generator(4)
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, CSAM):
                module.beta.fill_(0.5)  # at 0 nothing can reach the 3-D convolution yet
    made = net(torch.rand(2, 3, 32, 32), torch.zeros(2, 1, 32, 32))
    composite(torch.zeros(2, 3, 32, 32), made, torch.ones(2, 1, 32, 32)).sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())
    assert [getattr(net, f"up{k}").feature.in_channels for k in (4, 3, 2, 1)] == [64, 32, 16, 8]


def test_the_ablation_has_a_plain_convolution_in_csams_place():
    module = MCSAM(8, attention="conv")
    assert isinstance(module.csam, nn.Conv2d) and module.csam.kernel_size == (3, 3)
    assert module(torch.rand(1, 8, 6, 6)).shape == (1, 8, 6, 6)
    assert len(module.branches) == 4
    with pytest.raises(ValueError, match="known are 'csam' and 'conv'"):
        MCSAM(8, attention="none")


def test_the_unet_is_four_levels_deep_and_gives_a_matte():
    net = UNet(4).eval()
    pooled = []
    for down in net.down:
        down[0].register_forward_hook(lambda _m, _i, out: pooled.append(out.shape[-1]))
    with torch.no_grad():
        matte = net(torch.rand(1, 3, 64, 64))
    assert matte.shape == (1, 1, 64, 64) and 0 <= matte.min() <= matte.max() <= 1
    assert pooled == [32, 16, 8, 4]
    assert sum(isinstance(m, nn.BatchNorm2d) for m in net.modules()) == 18
    with torch.device("meta"):
        assert 13e6 < parameters(UNet()) < 14e6


def test_the_feature_judge_scores_patches_of_maps():
    judge = FeaturePatchDiscriminator(6, 8)
    features = torch.rand(2, 6, 32, 32, requires_grad=True)
    scores = judge(features)
    assert scores.shape == (2, 1, 4, 4)
    scores[0, 0, 2, 2].backward()
    assert features.grad is not None
    seen = features.grad[0].abs().sum(0) > 0
    assert int(seen.any(0).sum()) == 22, "a score sees a patch, not the whole"
    assert not features.grad[1].any()
