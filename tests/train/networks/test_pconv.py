from __future__ import annotations

import pytest
import torch
from torch import nn

from train.networks.pconv import PartialConv, PConvUNet


def test_partial_convolution_is_equations_one_and_two():
    torch.manual_seed(0)
    layer = PartialConv(2, 3, kernel=3)
    nn.init.normal_(layer.bias)
    x, mask = torch.randn(1, 2, 6, 6), (torch.rand(1, 1, 6, 6) > 0.6).float()
    mask[..., :3, :3] = 0  # a window that sees nothing
    made, seen = layer(x, [(2, mask)])
    every = mask.expand(1, 2, 6, 6)
    ones = torch.ones(1, 2, 3, 3)
    count = nn.functional.conv2d(every, ones, padding=1)
    plain = nn.functional.conv2d(x * every, layer.conv.weight, padding=1)
    wanted = torch.where(count > 0, plain * 18 / count.clamp(min=1) + layer.bias, 0)
    assert torch.allclose(made, wanted, atol=1e-5)
    assert torch.equal(seen, (count > 0).float()) and seen[0, 0, 1, 1] == 0


def test_joined_channels_count_by_their_own_masks():
    layer = PartialConv(3, 1, kernel=1)
    nn.init.ones_(layer.conv.weight)
    x = torch.full((1, 3, 2, 2), 5.0)
    one, none = torch.ones(1, 1, 2, 2), torch.zeros(1, 1, 2, 2)
    made, seen = layer(x, [(1, one), (2, none)])
    assert torch.allclose(made, torch.full_like(made, 15.0)), "one of three, scaled by three"
    assert seen.min() == 1


@pytest.mark.parametrize("convolution", ["partial", "plain"])
def test_the_unet_fills_and_cannot_see_under_the_matte(convolution):
    net = PConvUNet(2, levels=4, convolution=convolution)
    matte = torch.zeros(2, 1, 32, 32)
    matte[..., 8:30, 8:24] = 1
    image = torch.rand(2, 3, 32, 32)
    net(image, matte).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    net.eval()
    other = torch.where(matte > 0, torch.rand(2, 3, 32, 32), image)
    with torch.no_grad():
        made = net(image, matte)
        assert torch.equal(made, net(other, matte))
    assert made.shape == image.shape and made.min() >= 0 and made.max() <= 1


def test_the_paper_has_eight_levels_and_these_kernels():
    with torch.device("meta"):
        net = PConvUNet().eval()  # one pixel is left at the deepest level
        image, matte = torch.empty(1, 3, 256, 256), torch.empty(1, 1, 256, 256)
        assert net(image, matte).shape == image.shape
    assert [down.conv.kernel_size[0] for down in net.down] == [7, 5, 5, 3, 3, 3, 3, 3]
    assert [down.conv.out_channels for down in net.down] == [64, 128, 256, 512, 512, 512, 512, 512]
    with pytest.raises(ValueError, match="known are partial and plain"):
        PConvUNet(2, convolution="gated")
