from __future__ import annotations

import numpy as np
import pytest
import torch

from train.data import light
from train.data.broken import KINDS, spoilt


def test_ones_leave_a_picture_as_it_is():
    image = torch.arange(192, dtype=torch.uint8).reshape(1, 3, 8, 8)
    assert torch.equal(light.relit(image, torch.ones(1, 4)), image / 255)


def test_gain_and_gamma_worked_out_by_hand():
    image = torch.full((1, 3, 1, 1), 51, dtype=torch.uint8)  # 0.2
    made = light.relit(image, torch.tensor([[1.0, 2.0, 9.0, 2.0]]))
    assert torch.allclose(made.flatten(), torch.tensor([0.04, 0.08, 0.36]), atol=1e-6)
    assert light.relit(torch.full_like(image, 255), torch.full((1, 4), 2.0)).max() == 1


def test_some_pictures_keep_their_light():
    rng = np.random.default_rng(0)
    drawn = np.stack([light.draw(rng) for _ in range(200)])
    plain = (drawn == 1).all(1).mean()
    assert 0.25 < plain < 0.55 and (drawn > 0.3).all() and (drawn < 3).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_is_spoilt_and_the_map_says_where(kind):
    picture = np.random.default_rng(1).integers(0, 255, (64, 96, 3)).astype(np.uint8)
    before = picture.copy()
    made, where = spoilt(picture, np.random.default_rng(2), kind=kind)
    assert np.array_equal(picture, before) and made.shape == picture.shape
    assert where.shape == (8, 12) and set(np.unique(where)) == {0, 1}
    differs = (made != picture).any(2).reshape(8, 8, 12, 8).mean((1, 3))
    assert differs[where == 1].mean() > 3 * differs[where == 0].mean()
    again, _ = spoilt(picture, np.random.default_rng(2), kind=kind)
    assert np.array_equal(made, again)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="wanted one of"):
        spoilt(np.zeros((64, 64, 3), np.uint8), np.random.default_rng(0), kind="dust")
