from __future__ import annotations

import torch

from train import losses


def test_masked_l1_is_a_mean_over_the_mask():
    output, truth = torch.full((1, 3, 4, 4), 0.75), torch.zeros(1, 3, 4, 4)
    weight = torch.zeros(1, 1, 4, 4)
    assert losses.masked_l1(output, truth, weight) == 0  # nothing to learn from, no NaN
    weight[..., :2, :2] = 1
    assert torch.isclose(losses.masked_l1(output, truth, weight), torch.tensor(0.75))


def test_relativistic_losses_want_opposite_things():
    high, low = torch.full((4,), 0.5), torch.full((4,), -0.5)
    assert losses.relativistic_discriminator(high, low) == 0
    assert losses.relativistic_generator(low, high) == 0
    assert losses.relativistic_discriminator(low, high) > 1
    assert losses.relativistic_generator(high, low) > 1


def test_feature_matching_is_zero_for_equals_and_spares_the_real_side():
    real = [torch.rand(1, 2, 3, 3, requires_grad=True)]
    fake = [real[0].detach().clone().requires_grad_()]
    assert losses.feature_matching(real, fake) == 0
    losses.feature_matching(real, [fake[0] + 1]).backward()
    assert real[0].grad is None and fake[0].grad is not None
