"""Wings reach from the cloth to the ear and leave a slot; all other masks stay as they were."""

from __future__ import annotations

import copy

import cv2
import numpy as np
import pytest

from train.masks import lay_out, wings
from train.masks.grid import FaceGrid
from train.masks.layout import coverage
from train.masks.noise import aside


@pytest.fixture
def winged(face, monkeypatch):
    """Layouts of masks that all have wings, with the same ones cut without."""
    _, landmarks = face

    def made(seed):
        monkeypatch.setattr(wings, "SHARES", dict.fromkeys(("sponge", "plain", "seamed"), 1.0))
        there = lay_out(landmarks, np.random.default_rng(seed), kind="cloth", family="train")
        monkeypatch.setattr(wings, "SHARES", {})
        bare = lay_out(landmarks, np.random.default_rng(seed), kind="cloth", family="train")
        return there, bare

    return made


def test_they_reach_the_ears_in_place_of_loops(face, winged):
    picture, landmarks = face
    grid = FaceGrid(landmarks)
    seen = 0
    for seed in range(40):
        there, bare = winged(seed)
        if there.style == "pleated":
            assert len(there.body) == len(bare.body)
            continue
        seen += 1
        added = there.body[len(bare.body) :]
        assert len(added) == 4
        assert not there.straps
        shape = picture.shape[:2]
        cloth, whole = coverage(bare.body, shape), coverage(there.body, shape)
        assert (whole >= cloth).all()
        pieces, _ = cv2.connectedComponents((whole > 127).astype(np.uint8))
        assert pieces == 2  # the ground and one piece of cloth
        middle = grid.at(0.0, 0.25)[0]
        for sign, side in ((-1, added[:2]), (1, added[2:])):
            rim = (grid.at(sign, 0.25)[0] - middle) @ grid.across * sign
            for wing in side:
                assert ((wing - middle) @ grid.across * sign).max() > rim
    assert seen > 20


def test_what_is_drawn_aside_leaves_the_generator_where_it_was():
    rng = np.random.default_rng(3)
    before = copy.deepcopy(rng.bit_generator.state)
    one, two = aside(rng).random(4), aside(rng).random(4)
    assert rng.bit_generator.state == before
    assert np.array_equal(one, two)
    assert not np.array_equal(one, rng.random(4))


def test_masks_without_wings_stay_the_same(face, monkeypatch):
    """The hand is drawn after the sides: it must not depend on whether there are wings."""
    _, landmarks = face
    for seed in range(30):
        with monkeypatch.context() as patch:
            patch.setattr(wings, "SHARES", {})
            bare = lay_out(landmarks, np.random.default_rng(seed), kind=None, family="train")
        there = lay_out(landmarks, np.random.default_rng(seed), kind=None, family="train")
        assert np.array_equal(bare.tops, there.tops)
        assert len(bare.hand) == len(there.hand)
        assert all(map(np.array_equal, bare.hand, there.hand))
        assert all(map(np.array_equal, bare.body, there.body))
        if len(there.body) == len(bare.body):
            assert all(map(np.array_equal, bare.straps, there.straps))
