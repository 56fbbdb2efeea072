from __future__ import annotations

import pytest
import torch

from train.macs import crop_macs, parameters
from train.networks.mcsam import MCSAM
from train.networks.residual import Block, ResidualInpainter
from train.table_rows import live_macs


def test_it_costs_what_the_live_inpainter_costs():
    assert abs(crop_macs(ResidualInpainter, blind=False) / live_macs() - 1) < 0.02
    assert 0.9e6 < parameters(ResidualInpainter()) < 1e6


@pytest.mark.parametrize("width", [3, 4.5])
def test_any_width_fills_and_every_weight_learns(width):
    net = ResidualInpainter(width)
    image, matte = torch.rand(2, 3, 64, 32), torch.ones(2, 1, 64, 32)
    made = net(image, matte)
    assert made.shape == image.shape and made.min() >= 0 and made.max() <= 1
    made.square().sum().backward()
    betas = {name for name, _ in net.named_parameters() if name.endswith(("csam.kernel", "m.bias"))}
    for name, p in net.named_parameters():
        assert p.grad is not None
        # CSAM starts as the identity: what its beta of 0 multiplies learns from the next step on.
        assert name in betas or p.grad.abs().sum() > 0, name


def test_more_levels_cost_little_and_see_the_whole_crop():
    deep = crop_macs(lambda: ResidualInpainter(levels=7), blind=False)
    assert 1 < deep / crop_macs(ResidualInpainter, blind=False) < 1.1
    torch.manual_seed(0)
    seen = []
    for levels in (5, 7):
        net = ResidualInpainter(2, levels=levels, modules=0).eval()
        image = torch.rand(1, 3, 256, 256, requires_grad=True)
        net(image, torch.zeros(1, 1, 256, 256))[..., 3, 3].sum().backward()
        seen.append((image.grad[..., -8:, -8:] != 0).any().item())
    assert seen == [False, True]
    with pytest.raises(ValueError, match="levels is 4"):
        ResidualInpainter(levels=4)


@pytest.mark.parametrize("stem", [2, 4])
@pytest.mark.parametrize("levels", [5, 7])
def test_a_stem_leaves_the_finest_levels_out(stem, levels):
    net = ResidualInpainter(4, levels=levels, stem=stem, prefill=True)
    assert len(net.down) == levels - {2: 1, 4: 2}[stem]
    image, matte = torch.rand(2, 3, 128, 64), torch.ones(2, 1, 128, 64)
    made = net(image, matte)
    assert made.shape == image.shape and made.min() >= 0 and made.max() <= 1
    whole = crop_macs(lambda: ResidualInpainter(16, levels=levels), blind=False)
    assert crop_macs(lambda: ResidualInpainter(16, levels=levels, stem=stem), blind=False) < whole
    # The attention stays at 16² of 256², where it reaches across.
    sides = []
    net.middle.register_forward_hook(lambda _, given, out: sides.append(out.shape[-1]))
    net(torch.rand(1, 3, 256, 256), torch.ones(1, 1, 256, 256))
    assert sides == [16]


def test_a_stem_of_another_size_is_refused():
    with pytest.raises(ValueError, match="stem is 3, wanted 1, 2, 4"):
        ResidualInpainter(stem=3)


def test_it_cannot_see_under_the_matte():
    net = ResidualInpainter(4).eval()
    matte = torch.zeros(1, 1, 64, 64)
    matte[..., 20:50, 16:48] = 1
    image = torch.rand(1, 3, 64, 64)
    other = torch.where(matte > 0, torch.rand(1, 3, 64, 64), image)
    with torch.no_grad():
        assert torch.equal(net(image, matte), net(other, matte))


def test_the_middle_is_of_mcsams_and_may_be_empty():
    assert [type(m) for m in ResidualInpainter(4).middle] == [MCSAM] * 3
    assert len(ResidualInpainter(4, modules=0).middle) == 0


def test_a_blocks_shortcut_lets_by_what_its_convolution_does_not():
    block = Block(3, 5, shortcut=True).eval()
    torch.nn.init.zeros_(block.body[0].weight)
    x = torch.randn(1, 3, 8, 8)
    assert torch.allclose(block(x), block.shortcut(x), atol=1e-6)
    plain = Block(3, 5).eval()
    assert plain.shortcut is None and plain(x).shape == (1, 5, 8, 8)
