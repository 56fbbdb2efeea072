from __future__ import annotations

import pytest
import torch

from train.networks.inpainter import LiveInpainter
from train.networks.prefill import MARGIN, SmoothGuess, smooth_guess, start
from train.networks.residual import ResidualInpainter


def covered(height: int = 64, width: int = 64) -> torch.Tensor:
    matte = torch.zeros(1, 1, height, width)
    matte[..., height // 4 : height - 4, width // 4 : -width // 4] = 1
    return matte


def test_one_colour_is_guessed_where_it_is_hidden():
    image = torch.tensor([0.8, 0.5, 0.3]).reshape(1, 3, 1, 1).expand(1, 3, 64, 64)
    matte = covered()
    assert torch.allclose(smooth_guess(image * (1 - matte), matte), image, atol=0.02)


def test_the_guess_takes_the_colour_that_is_nearer():
    image = torch.zeros(1, 3, 64, 64)
    image[..., 32:] = 1
    guess = smooth_guess(image, covered())
    assert guess[..., 40, 18].max() < 0.3 and guess[..., 40, 45].min() > 0.7


def test_what_lies_under_the_matte_is_not_looked_at():
    matte, image = covered(), torch.rand(1, 3, 64, 64)
    other = torch.where(matte > 0, torch.rand(1, 3, 64, 64), image)
    assert torch.equal(smooth_guess(image, matte), smooth_guess(other, matte))


@pytest.mark.parametrize("size", [(64, 32), (48, 48), (12, 20), (256, 256)])
def test_any_size_that_is_a_multiple_of_four_has_a_guess(size):
    guess = smooth_guess(torch.rand(2, 3, *size), covered(*size).expand(2, 1, *size))
    assert guess.shape == (2, 3, *size) and guess.min() >= 0 and guess.max() <= 1


@pytest.mark.parametrize("side", [48, 64, 256])
@pytest.mark.parametrize("part", [(0.5, 0.0), (0.5, 0.5), (0.1, 0.1)])
def test_a_hole_that_leaves_a_whole_part_of_the_picture_unknown_is_not_black(side, part):
    """Above it, only the average of all that is known says anything."""
    matte = torch.zeros(1, 1, side, side)
    matte[..., int(part[0] * side) :, int(part[1] * side) :] = 1
    guess = smooth_guess(torch.full((1, 3, side, side), 0.8) * (1 - matte), matte)
    assert guess.min() > 0.75


def test_all_hidden_and_nothing_hidden_are_no_special_cases():
    image = torch.rand(1, 3, 64, 64)
    assert smooth_guess(image, torch.ones(1, 1, 64, 64)).abs().max() == 0
    seen, logits = start(SmoothGuess(), image, torch.zeros(1, 1, 64, 64))
    assert torch.allclose(seen[:, :3], image * 2 - 1, atol=1e-6)
    assert torch.isfinite(logits).all()


@pytest.mark.parametrize("make", [LiveInpainter, lambda **kw: ResidualInpainter(4, **kw)])
def test_a_network_begins_as_its_guess_and_learns(make):
    image, matte = torch.rand(1, 3, 64, 64), covered()
    net = make(prefill=True).eval()
    made = net(image, matte)
    assert torch.allclose(made, smooth_guess(image, matte).clamp(MARGIN, 1 - MARGIN), atol=1e-5)
    made.square().sum().backward()
    head = net.to_full[0] if isinstance(net, LiveInpainter) else net.head
    assert head.weight.grad.abs().sum() > 0


def test_without_it_a_network_has_the_weights_it_had():
    assert "guess.known" not in LiveInpainter().state_dict()
    assert "guess.known" in LiveInpainter(prefill=True).state_dict()
    assert "guess.known" in ResidualInpainter(4, prefill=True).state_dict()
