from __future__ import annotations

import pytest
import torch
from torch import nn

from train.networks.contextual import ContextualAttention, _propagated, lay


@pytest.mark.parametrize("rate", [2, 4])
def test_patches_laid_back_are_torchs_fold(rate):
    h, w = 4, 5
    patches = torch.rand(2, 3, 4 * rate * rate, h, w)
    size = (h * rate, w * rate)
    flat = patches.reshape(2, -1, h * w)
    wanted = nn.functional.fold(flat, size, 2 * rate, padding=rate // 2, stride=rate)
    assert torch.allclose(lay(patches, rate), wanted)


def test_an_exact_patch_is_copied_from_where_it_lies():
    """The hole shows, at half strength, what lies elsewhere: its cosine with that is 1."""
    torch.manual_seed(0)
    x = torch.randn(1, 16, 32, 32)
    source = x[..., 2:14, 2:14].clone()
    x[..., 18:30, 18:30] = source / 2
    hole = torch.zeros(1, 1, 32, 32)
    hole[..., 22:26, 22:26] = 1
    for propagate in (True, False):
        made = ContextualAttention(softness=50, propagate=propagate)(x, hole)
        assert torch.allclose(made[..., 22:26, 22:26], source[..., 4:8, 4:8], atol=1e-2)


def test_nothing_is_copied_out_of_the_hole():
    x = torch.rand(2, 4, 16, 16)
    hole = torch.zeros(2, 1, 16, 16)
    hole[..., 4:12, 4:12] = 1
    attend = ContextualAttention()
    bright = torch.where(hole > 0, 1e3 * x, x)  # the same directions, so the same cosines inside
    assert attend(bright, hole).max() <= 1.001
    everything = attend(x, torch.ones_like(hole))
    assert torch.isfinite(everything).all(), "no patch to copy: no number is spoilt"


def test_neighbours_vouch_for_each_other_along_one_axis():
    scores = torch.zeros(1, 4, 1, 4, 1)
    scores[0, 1, 0, 2, 0] = 1
    wanted = torch.zeros(4, 4)
    wanted[0, 1] = wanted[1, 2] = wanted[2, 3] = 1
    assert torch.equal(_propagated(scores, 1, 3)[0, :, 0, :, 0], wanted)
