from __future__ import annotations

import torch
from torch import nn

from train.macs import parameters
from train.networks.gated import GatedConv
from train.networks.gatedconv import CoarseToFine, SNPatchJudge


def test_it_has_the_papers_parameters_and_keeps_the_size():
    with torch.device("meta"):
        net = CoarseToFine()
        assert abs(parameters(net) / 1e6 - 4.1) < 0.06
        image, matte = torch.empty(1, 3, 256, 256), torch.empty(1, 1, 256, 256)
        assert net(image, matte).shape == image.shape
    plain = [m for m in net.modules() if isinstance(m, nn.Conv2d) and m.out_channels == 3]
    assert len(plain) == 2, "all but the last convolution of each network are gated"


def test_both_stages_learn_and_the_second_starts_from_the_first():
    torch.manual_seed(0)
    net = CoarseToFine(2)
    image, matte = torch.rand(2, 3, 32, 32), torch.zeros(2, 1, 32, 32)
    matte[..., 10:30, 8:24] = 1
    coarse, fine = net.stages(image, matte)
    assert coarse.shape == fine.shape == image.shape and fine.min() >= 0 and fine.max() <= 1
    assert torch.equal(net(image, matte), fine)
    fine.sum().backward()
    assert all(p.grad is not None for p in net.parameters()), "through the coarse one too"


def test_it_cannot_see_under_the_matte():
    net = CoarseToFine(2).eval()
    matte = torch.zeros(1, 1, 32, 32)
    matte[..., 8:24, 8:24] = 1
    image = torch.rand(1, 3, 32, 32)
    other = torch.where(matte > 0, torch.rand(1, 3, 32, 32), image)
    with torch.no_grad():
        assert torch.equal(net(image, matte), net(other, matte))


def test_a_dilated_gate_sees_as_far_as_its_feature():
    layer = GatedConv(1, 1, dilation=4)
    x = torch.randn(1, 1, 17, 17, requires_grad=True)
    layer(x)[0, 0, 8, 8].backward()
    assert x.grad is not None
    assert sorted(torch.nonzero(x.grad[0, 0].any(0)).flatten().tolist()) == [4, 8, 12]
    assert layer.gate.dilation == (4, 4)


def test_each_feature_of_the_judges_last_map_is_a_score():
    judge = SNPatchJudge(4)
    assert judge(torch.rand(2, 3, 128, 128), torch.ones(2, 1, 128, 128)).shape == (2, 16, 2, 2)
    assert len(judge.layers) == 6
    assert all(hasattr(layer, "parametrizations") for layer in judge.layers)
