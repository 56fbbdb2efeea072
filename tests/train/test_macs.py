from __future__ import annotations

import pytest
import torch
from torch import nn

from train.macs import crop_macs, macs, macs_of, matched, parameters
from train.networks.inpainter import LiveInpainter
from train.networks.mcsam import CSAM


def test_convolutions_are_counted_as_by_hand():
    x = torch.rand(1, 4, 10, 12)
    assert macs(nn.Conv2d(4, 6, 3, padding=1), x) == 10 * 12 * 6 * 4 * 9
    assert macs(nn.Conv2d(4, 6, 3, stride=2, padding=1), x) == 5 * 6 * 6 * 4 * 9
    assert macs(nn.Conv2d(4, 8, 1, groups=4), x) == 10 * 12 * 8 * 1
    assert macs(nn.ConvTranspose2d(4, 6, 4, 2, 1), x) == 10 * 12 * 4 * 6 * 16
    assert macs(nn.Linear(12, 5), torch.rand(3, 12)) == 3 * 12 * 5
    assert macs(nn.Sequential(nn.ReLU(), nn.BatchNorm2d(4)), x) == 0


def test_what_is_no_module_counts_too():
    assert macs(CSAM(), torch.rand(1, 4, 6, 6)) == 3 * 4 * 6 * 6 * 9
    attention = type("A", (nn.Module,), {"forward": lambda self, x: x @ x.transpose(1, 2)})()
    assert macs(attention, torch.rand(2, 5, 7)) == 2 * 5 * 7 * 5


def test_on_meta_as_on_the_cpu_and_the_live_network_costs_what_it_says():
    cost = crop_macs(LiveInpainter, blind=False)
    assert cost == macs_of(LiveInpainter(), blind=False)
    assert 0.8e9 < cost < 0.85e9
    assert crop_macs(lambda: nn.Conv2d(3, 1, 1), blind=True, side=8) == 8 * 8 * 3
    net = nn.BatchNorm2d(3)
    macs(net, torch.rand(1, 3, 4, 4))
    assert net.training and net.num_batches_tracked == 0, "counting leaves no trace"
    assert parameters(nn.Conv2d(3, 2, 3)) == 3 * 2 * 9 + 2


def test_a_width_is_found_that_costs_about_as_much():
    assert matched(lambda w: round(100 * w * w), 10_000) == 10
    assert matched(lambda w: round(100 * w * w), 10_100, step=1) == 10
    with pytest.raises(ValueError, match="wanted 150"):
        matched(lambda w: round(100 * w * w), 150, step=1)
