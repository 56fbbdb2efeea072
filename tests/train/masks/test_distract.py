"""Distractors change the picture near the mouth and nothing else of the contract."""

from __future__ import annotations

import numpy as np
import pytest

from train.data.landmarks import Landmarks
from train.masks.distract import WHAT, distract


@pytest.mark.parametrize("what", [name for name, _ in WHAT])
def test_each_distractor(face, what):
    picture, landmarks = face
    before = picture.copy()
    one, two = (distract(picture, landmarks, np.random.default_rng(3), what=what) for _ in range(2))
    assert np.array_equal(one, two)
    assert np.array_equal(picture, before)
    assert one.shape == picture.shape
    assert one.dtype == np.uint8
    assert (one != picture).any(-1).mean() > 0.003


def test_it_refuses_what_it_cannot_do(face):
    picture, landmarks = face
    with pytest.raises(ValueError, match="'dog'"):
        distract(picture, landmarks, np.random.default_rng(0), what="dog")
    with pytest.raises(ValueError, match="missing"):
        nowhere = Landmarks(np.full((478, 2), np.nan, np.float32))
        distract(picture, nowhere, np.random.default_rng(0))
