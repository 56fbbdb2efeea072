from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity

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


@pytest.mark.parametrize("where", ["local", "full"])
def test_supervision_decides_what_is_learnt_from(where):
    image, truth = torch.rand(2, 1, 3, 16, 16)
    matte = torch.zeros(1, 1, 16, 16)
    matte[..., 4:9, 5:11] = 1
    filled = torch.rand(1, 3, 16, 16, requires_grad=True)
    seen = losses.supervised(image, filled, matte, where)
    maps = [seen, torch.nn.functional.avg_pool2d(seen, 2)]
    real = [truth, torch.nn.functional.avg_pool2d(truth, 2)]
    total = losses.l1(seen, truth) + losses.perceptual(maps, real) + losses.style(maps, real)
    total.backward()
    assert filled.grad is not None and (filled.grad * matte).abs().sum() > 0
    outside = (filled.grad * (1 - matte)).abs().max()
    assert outside == 0 if where == "local" else outside > 0


def test_unknown_supervision_is_refused():
    some = torch.zeros(1, 3, 4, 4)
    with pytest.raises(ValueError, match="wanted one of"):
        losses.supervised(some, some, some[:, :1], "half")


def test_gram_worked_out_by_hand():
    maps = torch.tensor([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 1, 2)
    assert torch.equal(losses.gram(maps)[0], torch.tensor([[5.0, 11.0], [11.0, 25.0]]) / 4)


def test_style_ignores_place_and_perceptual_does_not():
    maps = torch.rand(1, 4, 6, 6)
    moved = maps.flip(3)
    assert losses.style([moved], [maps]) < 1e-6 < losses.perceptual([moved], [maps])
    assert losses.perceptual([maps], [maps]) == 0
    two = losses.perceptual([moved, moved], [maps, maps])
    assert torch.isclose(two, 2 * losses.perceptual([moved], [maps]))


def test_gram_stays_finite_in_bf16():
    with torch.autocast("cpu", torch.bfloat16):
        made = losses.gram(torch.full((1, 2, 64, 64), 200.0).bfloat16())
    assert made.dtype == torch.float32
    assert torch.allclose(made, torch.full((1, 2, 2), 200.0**2 / 2))


def test_ssim_is_that_of_scikit_image():
    rng = np.random.default_rng(0)
    a = rng.random((24, 20, 3))
    b = np.clip(a + 0.2 * rng.standard_normal(a.shape), 0, 1)
    _, every = structural_similarity(
        a, b, channel_axis=2, data_range=1, gaussian_weights=True, sigma=1.5,
        use_sample_covariance=False, full=True,
    )  # fmt: skip
    one, other = (torch.from_numpy(x).permute(2, 0, 1)[None].float() for x in (a, b))
    assert float(losses.ssim(one, other)) == pytest.approx(every[5:-5, 5:-5].mean(), abs=1e-4)
    assert losses.ssim(one, one) == 1
    with torch.autocast("cpu", torch.bfloat16):
        assert losses.ssim(one, other).dtype == torch.float32


@pytest.mark.parametrize("at", [(0, 0), (24, 28), (12, 28), (24, 4)])
def test_ssim_of_pictures_that_differ_in_one_place(at: tuple[int, int]) -> None:
    torch.manual_seed(0)
    truth = torch.rand(2, 3, 32, 36)
    patch = torch.zeros_like(truth)
    patch[1, :, at[0] : at[0] + 8, at[1] : at[1] + 8] = 0.4
    # Beyond the precision of what is compared, but enough for the whole to be looked at.
    everywhere = torch.full_like(truth, 1e-6)
    made, gradients = [], []
    for more in (patch, patch + everywhere):
        output = (truth + more).requires_grad_(True)
        made.append(losses.ssim(output, truth))
        made[-1].backward()
        gradients.append(output.grad)
    assert float(made[0].detach()) == pytest.approx(float(made[1].detach()), abs=1e-6)
    assert float(made[0].detach()) < 0.9999
    assert torch.allclose(gradients[0], gradients[1], atol=1e-6)


def test_reconstruction_is_half_smooth_l1_and_half_ssim():
    a, b = torch.rand(2, 1, 3, 16, 16)
    smooth = (0.5 * (a - b) ** 2).mean()
    assert torch.isclose(losses.reconstruction(a, b), (smooth + 1 - losses.ssim(a, b)) / 2)
    assert losses.reconstruction(a, a) < 1e-6


def test_adversarial_losses_of_both_sides():
    true, made = torch.full((4, 1), 1.0), torch.zeros(4, 1)
    assert losses.least_squares_discriminator(true, made) == 0
    assert losses.least_squares_discriminator(made, true) == 1
    assert losses.least_squares_generator(made) == 1 > losses.least_squares_generator(true)
    assert losses.hinge_discriminator(true, -true) == 0 < losses.hinge_discriminator(made, made)
    sure = 20 * true
    assert losses.cross_entropy_discriminator(sure, -sure) < 1e-6
    assert losses.cross_entropy_generator(sure) < 1e-6 < losses.cross_entropy_generator(-sure)
    even = torch.log(torch.tensor(2.0))
    assert torch.isclose(losses.cross_entropy_discriminator(made, made), 2 * even)


def test_maps_by_any_measure_are_summed_over_the_layers():
    a, b = torch.rand(1, 2, 4, 4), torch.rand(1, 2, 4, 4)
    assert torch.isclose(losses.of_maps([a, a], [b, b], losses.l1), 2 * (a - b).abs().mean())
    square = losses.of_maps([a], [b], torch.nn.functional.smooth_l1_loss)
    assert torch.isclose(square, 0.5 * (a - b).square().mean())


def test_squared_error_and_variation_count_at_the_hole_only():
    picture, matte = torch.zeros(1, 3, 8, 8), torch.zeros(1, 1, 8, 8)
    assert losses.masked_l2(picture, picture, matte) == 0
    matte[..., 2:4, 2:4] = 1
    assert losses.masked_l2(picture + 0.5, picture, matte) == 0.25
    picture[..., 7, 7] = 1  # beyond the hole and its border
    assert losses.variation(picture, matte) == 0
    picture[..., 3, 3] = 1
    assert losses.variation(picture, matte) == pytest.approx(4 / 64), "four steps in each channel"
