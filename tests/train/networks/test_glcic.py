from __future__ import annotations

import torch
from torch import nn

from train.macs import parameters
from train.networks.glcic import Completion, Judge, around


def test_the_completion_network_is_table_one():
    with torch.device("meta"):
        net = Completion()
        image, matte = torch.empty(1, 3, 256, 256), torch.empty(1, 1, 256, 256)
        assert net(image, matte).shape == image.shape
    convs = [m for m in net.layers if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]
    assert [m.out_channels for m in convs] == [
        64, 128, 128, 256, 256, 256, 256, 256, 256, 256, 256, 256, 128, 128, 64, 32, 3,
    ]  # fmt: skip
    assert [m.dilation[0] for m in convs if m.dilation[0] > 1] == [2, 4, 8, 16]
    assert [k for k, m in enumerate(convs) if m.stride[0] == 2] == [1, 3, 12, 14]
    assert abs(parameters(net) / 1e6 - 6.07) < 0.01


def test_it_cannot_see_under_the_matte():
    net = Completion(2).eval()
    matte = torch.zeros(1, 1, 32, 32)
    matte[..., 8:24, 8:24] = 1
    image = torch.rand(1, 3, 32, 32)
    other = torch.where(matte > 0, torch.rand(1, 3, 32, 32), image)
    with torch.no_grad():
        assert torch.equal(net(image, matte), net(other, matte))


def test_the_local_judge_looks_around_the_hole_and_never_beyond_the_picture():
    picture = torch.arange(32.0).repeat(32, 1).reshape(1, 1, 32, 32)
    matte = torch.zeros(1, 1, 32, 32)
    matte[..., 10:14, 20:24] = 1
    cut = around(picture, matte)
    assert cut.shape == (1, 1, 16, 16) and cut[0, 0, 0].tolist() == list(range(14, 30))
    matte[..., 28:32] = 1
    assert around(picture, matte)[0, 0, 0, -1] == 31
    assert around(picture, torch.zeros_like(matte))[0, 0, 0, 0] == 8, "the middle"


def test_whole_and_part_make_one_score_and_both_count():
    judge = Judge(2, side=64)
    image = torch.rand(2, 3, 64, 64, requires_grad=True)
    matte = torch.zeros(2, 1, 64, 64)
    matte[..., 30:50, 20:40] = 1
    scores = judge(image, matte)
    assert scores.shape == (2, 1)
    scores.sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in judge.parameters())
    with torch.device("meta"):
        paper = Judge()
    count = [sum(isinstance(m, nn.Conv2d) for m in part) for part in (paper.whole, paper.part)]
    assert count == [6, 5] and paper.join.in_features == 2048
