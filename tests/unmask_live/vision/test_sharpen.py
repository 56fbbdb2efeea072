from __future__ import annotations

import cv2
import numpy as np
import pytest

from unmask_live.vision import sharpen

HOLE = np.zeros((256, 256), np.float32)
HOLE[110:230, 60:200] = 1


def face(blur: float) -> np.ndarray:
    """Brows and eyes as dark bars, through a lens that is so soft."""
    crop = np.full((256, 256, 3), 170, np.uint8)
    for top in (76, 92):
        crop[top : top + 6, 78:112] = crop[top : top + 6, 144:178] = 130
    return cv2.GaussianBlur(crop, (0, 0), blur) if blur else crop


def soft_lips() -> np.ndarray:
    """A fill whose lips are a shade that comes and goes rather softly."""
    filled = np.full((256, 256, 3), 160, np.float32)
    filled[165:180, 100:160] -= 40
    return cv2.GaussianBlur(filled, (0, 0), 2)


def test_sharp_eyes_ask_for_more_than_soft_ones():
    amounts = [sharpen.lacking(face(blur), HOLE) for blur in (0, 1, 2, 4, 12)]
    assert amounts == sorted(amounts, reverse=True)
    assert amounts[0] > 2 * amounts[2] > 4 * amounts[4]
    assert all(0 <= amount <= sharpen.MOST for amount in amounts)
    noise = np.random.default_rng(0).integers(0, 256, (256, 256, 3), np.uint8)
    assert sharpen.lacking(noise, HOLE) == sharpen.MOST


def test_the_masks_own_edge_is_no_contour():
    crop, hole = face(12), HOLE.copy()
    plain = sharpen.lacking(crop, hole)
    hole[100:, :] = 1
    crop[100:] = 0
    assert sharpen.lacking(crop, hole) == pytest.approx(plain, abs=0.05)


def test_covered_eyes_tell_nothing():
    assert sharpen.lacking(face(0), np.ones_like(HOLE)) == 0


def test_contours_are_raised_inside_and_nothing_outside():
    filled, crop = soft_lips(), face(0)
    made = sharpen.sharpen(filled, crop, HOLE, 1.0)
    assert np.array_equal(made[HOLE == 0], filled[HOLE == 0])
    lips = slice(150, 195), slice(90, 170)

    def steepest(picture: np.ndarray) -> float:
        return float(np.abs(np.diff(picture[lips][..., 0], axis=0)).max())

    assert 1.1 * steepest(filled) < steepest(made) < 1.6 * steepest(filled)
    assert np.ptp(made - filled, axis=2).max() < 1e-3, "colours stay: only light is changed"
    assert made.dtype == np.float32


def test_a_seam_at_the_border_is_not_raised():
    crop = np.full((256, 256, 3), 100, np.uint8)
    filled = np.full((256, 256, 3), 160, np.float32)
    made = sharpen.sharpen(filled, crop, HOLE, 1.0)
    assert np.abs(made - filled).max() < 60 / 20


def test_an_edge_gets_no_more_than_so_many_levels():
    filled = np.full((256, 256, 3), 20, np.float32)
    filled[170:] = 235
    made = sharpen.sharpen(filled, face(0), HOLE, 1.0)
    assert np.abs(made - filled).max() == pytest.approx(sharpen.LEVELS, abs=1e-3)


@pytest.mark.parametrize(("hole", "amount"), [(HOLE, 0.0), (np.zeros_like(HOLE), 1.0)])
def test_nothing_to_do_gives_the_fill_itself(hole, amount):
    filled = soft_lips()
    assert sharpen.sharpen(filled, face(0), hole, amount) is filled


def test_a_hole_at_the_crops_edge_is_sharpened_too():
    hole = np.zeros((256, 256), np.float32)
    hole[150:, :] = 1
    made = sharpen.sharpen(soft_lips(), face(0), hole, 1.0)
    assert np.isfinite(made).all() and (made != soft_lips()).any()
