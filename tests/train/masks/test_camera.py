"""Camera effects: same shape, deterministic, really different, each on its own too."""

from __future__ import annotations

import numpy as np
import pytest

from train.masks import camera


def test_degrade_is_deterministic_and_keeps_the_shape(face):
    picture, _ = face
    before = picture.copy()
    changed = 0
    for seed in range(25):
        one = camera.degrade(picture, np.random.default_rng(seed))
        two = camera.degrade(picture, np.random.default_rng(seed))
        assert one.shape == picture.shape
        assert one.dtype == np.uint8
        assert one is not picture
        assert np.array_equal(one, two)
        changed += not np.array_equal(one, picture)
    assert np.array_equal(picture, before)
    assert 12 < changed <= 25


@pytest.mark.parametrize("effect", ["tone", "motion", "low_resolution", "noise", "jpeg"])
@pytest.mark.parametrize("shape", [(256, 256), (61, 90), (700, 520)])
def test_each_effect_alone(effect, shape):
    picture = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    out = getattr(camera, effect)(picture, np.random.default_rng(4))
    assert out.shape == picture.shape
    assert out.dtype == np.uint8
    assert not np.array_equal(out, picture)


def test_noise_leaves_the_mean():
    flat = np.full((256, 256, 3), 128, np.uint8)
    out = camera.noise(flat, np.random.default_rng(0))
    assert abs(out.mean() - 128) < 1.5
    assert out.std() > 0.5


def test_jpeg_keeps_the_order_of_colours():
    red = np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 200
    out = camera.jpeg(red, np.random.default_rng(0))
    assert out[..., 0].mean() > 180
    assert out[..., 2].mean() < 20


@pytest.mark.parametrize(
    "broken", [np.zeros((0, 5, 3), np.uint8), np.zeros((5, 5), np.uint8), np.zeros((5, 5, 3))]
)
def test_broken_pictures_are_refused(broken):
    with pytest.raises(ValueError, match="wanted uint8"):
        camera.degrade(broken, np.random.default_rng(0))
