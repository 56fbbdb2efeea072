from __future__ import annotations

import pytest
import torch

from train import config as settings
from train.losses import masked_l1
from train.networks.discriminator import PatchDiscriminator
from train.networks.gated import GatedConv
from train.networks.inpainter import LiveInpainter, composite
from train.networks.segmenter import LiveSegmenter
from train.recipes import inpainter, inpainter_residual


@pytest.mark.parametrize("gate", ["full", "pointwise"])
@pytest.mark.parametrize("stride", [1, 2])
def test_gated_shapes_and_gradients(gate, stride):
    layer = GatedConv(4, 6, stride=stride, gate=gate)
    y = layer(torch.randn(2, 4, 8, 8))
    assert y.shape == (2, 6, 8 // stride, 8 // stride)
    y.sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in layer.parameters())


def test_a_closed_gate_lets_nothing_through():
    layer = GatedConv(3, 3)
    torch.nn.init.zeros_(layer.gate.weight)
    torch.nn.init.constant_(layer.gate.bias, -50)
    assert layer(torch.randn(1, 3, 8, 8)).abs().max() < 1e-6


@pytest.mark.parametrize(("out", "stride"), [(4, 1), (6, 1), (6, 2)])
def test_a_shortcut_lets_by_what_the_gate_closes(out, stride):
    layer = GatedConv(4, out, stride=stride, gate="pointwise", shortcut=True)
    gate = layer.gate if stride == 1 else layer.gate[1]
    torch.nn.init.zeros_(gate.weight)
    torch.nn.init.constant_(gate.bias, -50)
    x = torch.randn(1, 4, 8, 8)
    assert torch.allclose(layer(x), layer.shortcut(x), atol=1e-6)
    assert layer(x).shape == (1, out, 8 // stride, 8 // stride)
    assert (out == 4) == torch.equal(layer.shortcut(x), x)


@pytest.mark.parametrize(
    ("recipe", "name"),
    [(module, name) for module in (inpainter, inpainter_residual) for name in module.VARIANTS],
)
def test_variants_of_the_live_network_fill_and_learn(recipe, name):
    config = settings.parsed(recipe.Config(), [*recipe.VARIANTS[name]])
    net = recipe.network(config)
    image, matte = torch.rand(2, 3, 64, 64), torch.ones(2, 1, 64, 64)
    made = net(image, matte)
    assert made.shape == image.shape and made.min() >= 0 and made.max() <= 1
    made.square().sum().backward()
    assert all(p.grad is not None for p in net.parameters())


def test_a_stem_of_another_size_is_refused():
    with pytest.raises(ValueError, match="stem is 8"):
        LiveInpainter(stem=8)


def test_unknown_gate_is_refused():
    with pytest.raises(ValueError, match="known are"):
        GatedConv(3, 3, gate="soft")


def test_inpainter_cannot_see_under_the_matte():
    net = LiveInpainter((8, 16, 32)).eval()
    matte = torch.zeros(1, 1, 256, 256)
    matte[..., 100:200, 80:180] = 1
    image = torch.rand(1, 3, 256, 256)
    other = torch.where(matte > 0, torch.rand(1, 3, 256, 256), image)
    with torch.no_grad():
        assert torch.equal(net(image, matte), net(other, matte))
        assert net(image, matte).shape == image.shape


def test_local_supervision_gives_no_gradient_outside():
    output = torch.rand(1, 3, 16, 16, requires_grad=True)
    matte = torch.zeros(1, 1, 16, 16)
    matte[..., 4:9, 5:11] = 1
    masked_l1(output, torch.rand(1, 3, 16, 16), matte).backward()
    assert output.grad is not None
    assert (output.grad * (1 - matte)).abs().max() == 0
    assert (output.grad * matte).abs().sum() > 0


def test_composite_is_equation_one():
    image, filled = torch.rand(1, 3, 8, 8), torch.rand(1, 3, 8, 8)
    matte = (torch.rand(1, 1, 8, 8) > 0.5).float()
    out = composite(image, filled, matte)
    assert torch.equal(out, torch.where(matte.bool(), filled, image))


def test_segmenter_gives_a_matte():
    net = LiveSegmenter().eval()
    with torch.no_grad():
        matte = net(torch.rand(1, 3, 256, 256))
    assert matte.shape == (1, 1, 256, 256)
    assert matte.min() >= 0 and matte.max() <= 1


def test_live_networks_stay_small():
    """The budgets of the design are in milliseconds; these sizes are what fits them."""
    assert sum(p.numel() for p in LiveInpainter().parameters()) < 2.5e6
    assert sum(p.numel() for p in LiveSegmenter().parameters()) < 1e6


def test_a_patch_score_sees_70_pixels():
    judge = PatchDiscriminator(4).eval()
    image = torch.zeros(1, 3, 128, 128, requires_grad=True)
    scores, features = judge(image, torch.ones(1, 1, 128, 128))
    assert len(features) == 4
    scores[0, 0, scores.shape[2] // 2, scores.shape[3] // 2].backward()
    assert image.grad is not None
    seen = image.grad.abs().sum((0, 1)) > 0
    assert (int(seen.any(0).sum()), int(seen.any(1).sum())) == (70, 70)
