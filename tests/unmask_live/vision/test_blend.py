from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unmask_live.vision import align, blend

SIDE = align.CROP


def transform(scale: float = 1.0, degrees: float = 0.0, x: float = 0.0, y: float = 0.0):
    angle = np.deg2rad(degrees)
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    return np.array([[cos, sin, x], [-sin, cos, y]], np.float32)


@pytest.fixture
def frame():
    return np.random.default_rng(0).integers(0, 256, (180, 240, 3), dtype=np.uint8)


@given(
    scale=st.floats(0.1, 8),
    degrees=st.floats(-180, 180),
    x=st.floats(-300, 300),
    y=st.floats(-300, 300),
)
@settings(max_examples=40, deadline=None)
def test_an_empty_matte_is_the_identity(scale, degrees, x, y):
    frame = np.random.default_rng(1).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    before = frame.copy()
    fill = np.full((SIDE, SIDE, 3), 200, np.float32)
    empty = np.zeros((SIDE, SIDE), np.float32)
    blend.blend(frame, fill, blend.feather(empty), transform(scale, degrees, x, y))
    assert np.array_equal(frame, before)


@given(scale=st.floats(0.3, 6), degrees=st.floats(-90, 90), x=st.floats(-200, 200))
@settings(max_examples=40, deadline=None)
def test_pixels_beyond_the_hole_keep_their_bits(scale, degrees, x):
    frame = np.random.default_rng(2).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    before = frame.copy()
    hole = np.zeros((SIDE, SIDE), np.float32)
    hole[100:180, 60:190] = 1
    matrix = transform(scale, degrees, x, 10)
    blend.blend(frame, np.zeros((SIDE, SIDE, 3), np.float32), blend.feather(hole), matrix)
    changed = np.argwhere((frame != before).any(2))[:, ::-1].astype(np.float32)
    where = align.apply(matrix, changed)
    slack = 1 + scale  # bilinear reach
    assert ((where > [60 - slack, 100 - slack]) & (where < [190 + slack, 180 + slack])).all()


def test_the_fill_is_there_inside(frame):
    hole = np.zeros((SIDE, SIDE), np.float32)
    hole[60:140, 60:160] = 1
    blend.blend(frame, np.full((SIDE, SIDE, 3), 77, np.float32), blend.feather(hole), transform())
    assert (frame[80:120, 80:140] == 77).all()


def test_half_opacity_lies_between(frame):
    frame[:] = 0
    hole = np.ones((SIDE, SIDE), np.float32)
    fill = np.full((SIDE, SIDE, 3), 200, np.float32)
    blend.blend(frame, fill, hole, transform(), opacity=0.5)
    assert abs(int(frame[90, 120, 0]) - 100) <= 1


def test_no_opacity_touches_nothing(frame):
    before = frame.copy()
    fill = np.zeros((SIDE, SIDE, 3), np.float32)
    blend.blend(frame, fill, np.ones((SIDE, SIDE), np.float32), transform(), opacity=0.0)
    assert np.array_equal(frame, before)


def test_a_face_wholly_outside_the_frame_is_no_error(frame):
    before = frame.copy()
    fill = np.zeros((SIDE, SIDE, 3), np.float32)
    blend.blend(frame, fill, np.ones((SIDE, SIDE), np.float32), transform(x=5000))
    assert np.array_equal(frame, before)


def test_feather_stays_inside_the_hole():
    hole = np.zeros((SIDE, SIDE), np.float32)
    hole[100:150, 80:170] = 1
    soft = blend.feather(hole)
    assert soft[hole == 0].max() == 0
    assert soft[125, 125] == 1
    assert 0 < soft[100 + blend.FEATHER // 2, 125] < 1


def test_a_fill_fades_into_a_scarf_that_goes_on_below_the_crop():
    hole = np.zeros((SIDE, SIDE), np.float32)
    hole[100:, 80:170] = 1
    soft = blend.feather(hole)
    middle = soft[:, 125]
    assert (middle[110 : SIDE - blend.FADE] == 1).all()
    assert middle[-1] < 1e-6
    assert (np.diff(middle[-blend.FADE :]) <= 0).all()
    assert -np.diff(middle[-blend.FADE :]).min() < 0.06, "no visible edge"


def test_a_mask_that_ends_above_the_crops_edge_is_filled_down_to_its_end():
    hole = np.zeros((SIDE, SIDE), np.float32)
    hole[100 : SIDE - 4, 80:170] = 1
    assert blend.feather(hole)[SIDE - 4 - blend.FEATHER, 125] == 1


def test_rim_match_takes_away_a_cast():
    """A fill that is uniformly too dark by less than the limit is drawn towards the scene."""
    crop = np.full((SIDE, SIDE, 3), 150, np.uint8)
    hole = np.zeros((SIDE, SIDE), np.float32)
    hole[120:180, 90:170] = 1
    dark = np.full((SIDE, SIDE, 3), 140, np.float32)
    matched = blend.match_rim(dark, crop, hole)
    assert matched is dark, "no copy of the whole crop is made"
    rim = matched[122, 100:160]
    assert np.abs(rim - 150).mean() < 0.5 * np.abs(140.0 - 150)


def test_rim_match_leaves_a_real_edge():
    crop = np.full((SIDE, SIDE, 3), 20, np.uint8)
    hole = np.zeros((SIDE, SIDE), np.float32)
    hole[120:180, 90:170] = 1
    skin = np.full((SIDE, SIDE, 3), 190, np.float32)
    assert np.abs(blend.match_rim(skin.copy(), crop, hole) - skin)[hole > 0].max() < 1


@pytest.mark.parametrize("place", [(0, 0), (120, 90), (196, 176)])
def test_rim_match_reaches_all_of_the_hole_and_no_farther_than_it_must(place):
    """Also where the hole touches the crop's edge; away from it nothing is worked on."""
    crop = np.full((SIDE, SIDE, 3), 150, np.uint8)
    hole = np.zeros((SIDE, SIDE), np.float32)
    hole[place[0] : place[0] + 60, place[1] : place[1] + 80] = 1
    dark = np.full((SIDE, SIDE, 3), 140, np.float32)
    matched = blend.match_rim(dark.copy(), crop, hole)
    moved = (matched - dark).min(2)
    assert moved[hole > 0].min() >= 0
    assert moved[hole > 0].max() > 5
    rows, columns = np.nonzero(moved)
    assert rows.min() >= place[0] - 8 and rows.max() < place[0] + 60 + 8
    assert columns.min() >= place[1] - 8 and columns.max() < place[1] + 80 + 8


def test_rim_match_without_a_hole_changes_nothing():
    empty, fill = np.zeros((SIDE, SIDE), np.float32), np.full((SIDE, SIDE, 3), 9, np.float32)
    assert (blend.match_rim(fill, np.zeros((SIDE, SIDE, 3), np.uint8), empty) == 9).all()
