from __future__ import annotations

import torch

from train.networks.region_norm import BasicRegionNorm, LearnableRegionNorm, normalised


def halves() -> torch.Tensor:
    region = torch.zeros(2, 1, 8, 8)
    region[..., :3, :] = 1
    return region


def test_two_regions_are_normalised_apart():
    torch.manual_seed(0)
    region = halves()
    x = torch.randn(2, 3, 8, 8) + 5 * region - 40 * (1 - region)
    made = normalised(x, region)
    for where in (region > 0, region == 0):
        part = made.masked_select(where.expand_as(x)).reshape(2, 3, -1)
        assert part.mean(2).abs().max() < 1e-5
        assert (part.var(2, unbiased=False) - 1).abs().max() < 1e-3
    shifted = normalised(torch.where(region > 0, x + 7, 3 * x), region)
    assert torch.allclose(shifted, made, atol=1e-4), "neither region sees the other"


def test_a_region_without_pixels_spoils_nothing():
    x = torch.randn(1, 2, 4, 4)
    for region in (torch.zeros(1, 1, 4, 4), torch.ones(1, 1, 4, 4)):
        made = normalised(x, region)
        assert torch.isfinite(made).all() and made.mean((2, 3)).abs().max() < 1e-6


def test_basic_has_an_affine_for_each_region_and_shrinks_the_mask():
    norm = BasicRegionNorm(3)
    with torch.no_grad():
        norm.beta[0] = 2.0
        norm.gamma[1] = 3.0
    x = torch.randn(2, 3, 8, 8)
    large = halves().repeat_interleave(4, 2).repeat_interleave(4, 3)
    made, plain = norm(x, large), normalised(x, halves())
    assert torch.allclose(made[..., :3, :], plain[..., :3, :] + 2, atol=1e-5)
    assert torch.allclose(made[..., 3:, :], 3 * plain[..., 3:, :], atol=1e-5)


def test_learnable_finds_regions_by_threshold_and_learns_by_its_affine():
    torch.manual_seed(0)
    norm = LearnableRegionNorm()
    assert norm.threshold == 0.8
    torch.nn.init.zeros_(norm.response.weight)
    norm.response.weight.data[..., 3, 3] = 1  # each pixel's own features tell its region
    for conv in (norm.gamma, norm.beta):
        torch.nn.init.zeros_(conv.weight)
        torch.nn.init.zeros_(conv.bias)
    torch.nn.init.ones_(norm.gamma.bias)
    x = torch.randn(1, 4, 8, 8) - 20
    x[..., 4:] += 60
    region = torch.zeros(1, 1, 8, 8)
    region[..., 4:] = 1  # responses there are 1, and 0 elsewhere
    assert torch.allclose(norm(x), normalised(x, region), atol=1e-4)
    norm(x).square().sum().backward()
    assert norm.gamma.weight.grad is not None and norm.gamma.weight.grad.abs().sum() > 0
