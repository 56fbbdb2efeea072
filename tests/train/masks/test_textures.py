"""The banks: every tile can be made, differs from its neighbour and has the promised form."""

from __future__ import annotations

import numpy as np
import pytest

from train.masks import palette, prints, relief, textures


def test_the_bank_holds_what_it_says():
    assert sum(count for _, count in textures.GENERATORS) == textures.BANK
    with pytest.raises(IndexError):
        textures.tile(textures.BANK)


def test_one_tile_of_each_maker():
    start = 0
    for _, count in textures.GENERATORS:
        one, two = textures.tile(start), textures.tile(start + 1)
        assert one.shape == (256, 256)
        assert one.dtype == np.uint8
        assert np.ptp(one) > 0
        assert not np.array_equal(one, two)
        start += count


def test_prints_and_marks():
    for index in range(8):
        assert np.ptp(prints.whole(index)) > 0
        mark = prints.mark(index)
        assert mark.shape == (64, 128)
        assert mark.max() == 255
        assert 0 < (mark > 127).mean() < 0.9


@pytest.mark.parametrize("index", range(6))
def test_relief_is_a_factor_about_nothing(index):
    for field in (relief.material(index), relief.fold(index)):
        assert field.shape == (256, 256)
        assert field.dtype == np.float32
        assert abs(float(field.mean())) < 1e-3
        assert 0.2 < float(np.abs(field).max()) < 3


def test_colours_stay_colours():
    rng = np.random.default_rng(0)
    skin = np.array([190.0, 150, 130])
    for kind in ("surgical", "cloth", "n95", "scarf", "printed"):
        for _ in range(20):
            main = palette.base(kind, rng, skin)
            assert main.shape == (3,)
            assert main.min() >= 0
            assert main.max() <= 255
            table = palette.inks(main, rng)
            assert table.shape == (256, 3)
            assert np.abs(table[0] - main).max() <= 1
