from __future__ import annotations

import pytest
import torch
from torch import nn

from train.macs import parameters
from train.networks.cbam import CBAM
from train.networks.ganmasker import FUNet, Judge, MSeg, murf


def sizes_of(net: nn.Module, part: nn.ModuleList, *inputs: torch.Tensor) -> list[int]:
    seen: list[int] = []
    for module in part:
        module.register_forward_hook(lambda _m, _i, out: seen.append(out.shape[-1]))
    with torch.no_grad():
        net.eval()(*inputs)
    return seen


@pytest.mark.parametrize("side", [256, 512])
def test_the_papers_sizes_go_through(side):
    with torch.device("meta"):
        image, matte = torch.empty(1, 3, side, side), torch.empty(1, 1, side, side)
        assert MSeg()(image).shape == matte.shape
        assert FUNet()(image, matte).shape == image.shape


def test_segmentation_has_five_levels_with_cbam_and_skips():
    net = MSeg(2)
    assert sizes_of(net, net.down, torch.rand(1, 3, 64, 64)) == [64, 32, 16, 8, 4]
    assert sum(isinstance(m, CBAM) for m in net.modules()) == 5
    assert [up[0].in_channels for up in net.up] == [16 + 16, 16 + 16, 8 + 8, 4 + 4]
    assert net.head[0].in_channels == 2 + 2 and net.head[0].kernel_size == (1, 1)
    net.train()(torch.rand(2, 3, 32, 32)).sum().backward()
    assert all(p.grad is not None for p in net.parameters())


def test_the_last_encoder_block_is_not_pooled_and_the_first_decoder_block_not_enlarged():
    net = FUNet(2)
    given = torch.rand(1, 3, 64, 64), torch.ones(1, 1, 64, 64)
    assert sizes_of(net, net.down, *given) == [64, 32, 16, 8, 4]
    assert sizes_of(net, net.up, *given) == [4, 8, 16, 32]
    assert [block[1].dilation[0] for block in net.middle] == [2, 4, 8, 16]
    assert [type(layer) for layer in net.middle[0]] == [nn.BatchNorm2d, nn.Conv2d, nn.LeakyReLU]
    assert sum(isinstance(m, CBAM) for m in net.modules()) == 5


def test_murf_leaves_every_pixel_outside_the_mask_as_it_was():
    torch.manual_seed(0)
    net = FUNet(2).eval()
    image, matte = torch.rand(1, 3, 64, 64), torch.zeros(1, 1, 64, 64)
    matte[..., 30:60, 10:50] = 1
    with torch.no_grad():
        made = net(image * (1 - matte), matte)
        with torch.autocast("cpu", torch.bfloat16):
            half = net(image * (1 - matte), matte)
    outside = (matte == 0).expand_as(image)
    for out in (made, half):
        assert torch.equal(out[outside], image[outside]), "bit for bit"
        assert not torch.equal(out[~outside], image[~outside])
    assert torch.equal(murf(image, made, torch.ones_like(matte)), made)


def test_what_lies_under_the_mask_is_not_seen():
    net = FUNet(2).eval()
    matte = torch.zeros(1, 1, 32, 32)
    matte[..., 16:, :] = 1
    image = torch.rand(1, 3, 32, 32)
    other = torch.where(matte > 0, torch.rand(1, 3, 32, 32), image)
    with torch.no_grad():
        assert torch.equal(net(image, matte), net(other, matte))


def test_one_width_scales_both():
    with torch.device("meta"):
        assert 3.9 < parameters(FUNet(64)) / parameters(FUNet(32)) < 4
        assert 11e6 < parameters(MSeg()) < 13e6 < 21e6 < parameters(FUNet()) < 23e6


def test_every_convolution_of_the_judge_is_spectrally_normalised():
    judge = Judge(4)
    assert judge(torch.rand(2, 3, 64, 64)).shape == (2, 1, 6, 6)
    assert all(hasattr(layer, "parametrizations") for layer in judge.layers)
    for _ in range(20):
        judge(torch.rand(1, 3, 64, 64))  # power iteration converges
    for layer in judge.layers:
        assert torch.linalg.matrix_norm(layer.weight.flatten(1), 2) < 1.2
