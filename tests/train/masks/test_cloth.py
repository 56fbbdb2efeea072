"""Broad fields of colour: two or three, over the whole mask, when they are drawn at all."""

from __future__ import annotations

import numpy as np

from train.masks import cloth, put_on, straps
from train.masks.surface import Surface


def _painted(face, seed, kind="cloth"):
    picture, landmarks = face
    return put_on(picture, landmarks, np.random.default_rng(seed), kind=kind)


def test_blocks_change_the_colours_and_not_the_matte(face, monkeypatch):
    changed = 0
    for seed in range(8):
        with monkeypatch.context() as patch:
            patch.setattr(cloth, "BLOCKS", {})
            plain = _painted(face, seed)
        with monkeypatch.context() as patch:
            patch.setattr(cloth, "BLOCKS", {"cloth": 1.0})
            blocks = _painted(face, seed)
        assert np.array_equal(plain.matte, blocks.matte)
        inside = plain.matte > 0.9
        changed += bool(np.abs(plain.image[inside].astype(int) - blocks.image[inside]).max() > 20)
    assert changed == 8


def test_there_are_two_or_three_fields(monkeypatch):
    monkeypatch.setattr(cloth, "BLOCKS", {"cloth": 1.0})
    f, u = np.mgrid[0:1:40j, -1:1:60j].astype(np.float32)
    surface = Surface(0, 0, 60, 40, u, f, u, f, np.zeros((2, 2, 4), np.float32))
    counts = set()
    for seed in range(20):
        field = cloth._blocks("cloth", np.full(3, 90.0), surface, np.random.default_rng(seed))
        assert field.shape == (40, 60, 3)
        assert field.dtype == np.float32
        assert field.min() >= 0
        assert field.max() <= 255
        counts.add(len(np.unique(field.reshape(-1, 3), axis=0)))
    assert counts == {2, 3}


def test_some_bands_are_much_broader():
    widths = [straps._broad(1.0, 10.0, np.random.default_rng(seed)) for seed in range(400)]
    broad = [w for w in widths if w != 1.0]
    assert 8 <= len(broad) <= 45
    assert all(5 <= w <= 10 for w in broad)
