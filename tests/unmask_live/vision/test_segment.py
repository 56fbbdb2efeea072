from __future__ import annotations

import numpy as np
import pytest

from unmask_live.vision import segment
from unmask_live.vision.inpaint import WIDEN, hole_of


def matte(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    out = np.zeros((256, 256), np.float32)
    for x0, y0, x1, y1 in boxes:
        out[y0:y1, x0:x1] = 1
    return out


def test_input_is_planar_rgb_in_unit_range():
    crop = np.zeros((256, 256, 3), np.uint8)
    crop[..., 0] = 255
    blob = segment.to_input(crop)
    assert blob.shape == (1, 3, 256, 256) and blob.dtype == np.float32
    assert blob[0, 0].min() == 1.0 and blob[0, 1:].max() == 0.0


def test_specks_go_and_the_mask_stays():
    kept = segment.keep_main(matte((60, 110, 200, 220), (5, 5, 9, 9)))
    assert kept[5:9, 5:9].max() == 0
    assert np.array_equal(kept[100:], matte((60, 110, 200, 220))[100:])


def test_hair_above_the_eyes_is_no_mask_but_a_strap_stays():
    hair, worn, strap = (60, 20, 190, 80), (60, 110, 200, 220), (60, 40, 64, 112)
    assert segment.keep_main(matte(hair)).max() == 0
    kept = segment.keep_main(matte((*hair[:3], 70), worn))
    assert np.array_equal(kept, matte(worn))
    assert np.array_equal(segment.keep_main(matte(worn, strap)), matte(worn, strap))


def test_a_piece_of_strap_apart_from_the_mask_stays():
    both = matte((60, 110, 200, 220), (205, 100, 211, 120))
    assert np.array_equal(segment.keep_main(both), both)


def test_an_empty_matte_stays_empty():
    assert segment.keep_main(matte()).max() == 0


@pytest.mark.parametrize(
    ("share", "before", "masked"),
    [(0.0, False, False), (0.028, False, False), (0.028, True, True), (0.2, False, True)],
)
def test_masked_is_slow_to_change(share, before, masked):
    covered = np.zeros(256 * 256, np.float32)
    covered[: int(share * covered.size)] = 1
    assert segment.is_masked(covered.reshape(256, 256), before) is masked


def test_the_hole_is_wider_than_the_mask_by_a_little():
    hole = hole_of(matte((100, 100, 150, 150)))
    rows = np.flatnonzero(hole.any(1))
    assert (rows[0], rows[-1]) == (100 - WIDEN // 2, 149 + WIDEN // 2)
    assert set(np.unique(hole)) == {0.0, 1.0}
    assert hole_of(matte()).max() == 0
