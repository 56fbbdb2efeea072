from __future__ import annotations

import pytest
import torch

from train.macs import parameters
from train.networks.raunet import AttentionGate, RAUNet, ResidualBlock


@pytest.mark.parametrize(
    ("settings", "millions"),
    [
        ({}, 39),
        ({"residual": "none"}, 37),
        ({"residual": "none", "gates": False}, 31),
        ({"levels": 4}, 9.68),
        ({"width": 32, "levels": 6}, 39.14),
        ({"width": 64, "levels": 6}, 156.5),
    ],
)
def test_parameters_are_those_of_table_two_and_section_three_d(settings, millions):
    with torch.device("meta"):
        assert abs(parameters(RAUNet(**settings)) / 1e6 - millions) < max(0.5, 0.001 * millions)


def test_the_smallest_depth_of_section_three_d():
    with torch.device("meta"):
        assert abs(parameters(RAUNet(32, levels=3)) / 1e6 - 0.58) < 0.01
        assert parameters(RAUNet(residual="concat")) > parameters(RAUNet())


@pytest.mark.parametrize("residual", ["add", "concat", "none"])
@pytest.mark.parametrize("gates", [True, False])
def test_a_masked_face_goes_in_and_a_picture_comes_out(residual, gates):
    net = RAUNet(2, residual=residual, gates=gates)
    made = net(torch.rand(2, 3, 32, 32))
    assert made.shape == (2, 3, 32, 32) and made.min() >= 0 and made.max() <= 1
    made.sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    with torch.device("meta"):
        assert RAUNet()(torch.empty(1, 3, 256, 256)).shape == (1, 3, 256, 256)


def test_the_residual_path_carries_the_input_past_the_convolutions():
    for residual in ("add", "concat"):
        block = ResidualBlock(3, 3, residual)
        for conv in (block.first, block.second):
            torch.nn.init.zeros_(conv.weight)
            torch.nn.init.zeros_(conv.bias)
        with torch.no_grad():  # the 1×1 hands on the input's part
            block.short.bias.zero_()
            block.short.weight[:, :, 0, 0] = torch.eye(3).repeat(1, 2)[
                :, -block.short.in_channels :
            ]
            if residual == "concat":
                block.short.weight[:, :3] = 0
        x = torch.randn(1, 3, 8, 8)
        assert torch.allclose(block(x), x)


def test_a_gate_weighs_each_place_of_the_skip_once():
    gate = AttentionGate(4, 8)
    x, g = torch.randn(1, 4, 8, 8), torch.randn(1, 8, 4, 4)
    weights = gate.weights(x, g)
    assert weights.shape == (1, 1, 4, 4) and weights.min() > 0 and weights.max() < 1
    torch.nn.init.constant_(gate.psi.bias, -100)  # closed: nothing of the skip is left
    torch.nn.init.zeros_(gate.out.bias)
    assert gate(x, g).abs().max() == 0


def test_an_unknown_residual_is_refused():
    with pytest.raises(ValueError, match="known are add, concat, none"):
        RAUNet(2, residual="dense")
