from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unmask_live.vision import align

FACE = np.array([[100, 100], [160, 100], [130, 135], [108, 165], [152, 165]], np.float32)


def turned(points: np.ndarray, degrees: float, scale: float, shift: tuple[float, float]):
    angle = np.deg2rad(degrees)
    matrix = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return (points @ matrix.T + shift).astype(np.float32)


@given(
    degrees=st.floats(-180, 180),
    scale=st.floats(0.1, 8),
    x=st.floats(-500, 2000),
    y=st.floats(-500, 2000),
)
def test_eyes_land_on_their_place_however_the_face_lies(degrees, scale, x, y):
    face = turned(FACE, degrees, scale, (x, y))
    eyes = align.apply(align.similarity(face), face)[:2]
    assert np.allclose(eyes.mean(0), align.EYES, atol=0.05)
    assert abs(eyes[0, 1] - eyes[1, 1]) < 0.05  # level
    assert eyes[0, 0] < eyes[1, 0]  # not mirrored
    assert abs(eyes[1, 0] - eyes[0, 0] - align.EYE_DISTANCE) < 0.05


@given(degrees=st.floats(-180, 180), scale=st.floats(0.1, 8))
def test_invert_undoes_the_similarity(degrees, scale):
    face = turned(FACE, degrees, scale, (300, 200))
    transform = align.similarity(face)
    back = align.apply(align.invert(transform), align.apply(transform, face))
    assert np.allclose(back, face, atol=1e-2 * max(1, scale))


def test_turned_head_takes_its_scale_from_the_mouth():
    profile = FACE.copy()
    profile[:2, 0] = [120, 140]  # the eyes come together, the face does not shrink
    scale = float(np.hypot(*align.similarity(profile)[0, :2]))
    frontal = float(np.hypot(*align.similarity(FACE)[0, :2]))
    assert scale < 1.5 * frontal


@pytest.mark.parametrize("broken", [np.zeros((5, 2)), np.full((5, 2), np.nan)])
def test_no_direction_is_an_error(broken):
    with pytest.raises(ValueError, match="no direction"):
        align.similarity(broken.astype(np.float32))


@pytest.mark.parametrize("scale", [0.2, 1.0, 6.0])
def test_crop_shows_what_lies_there(scale):
    """A frame whose colours are its coordinates tells where each crop pixel came from."""
    size = int(400 * max(scale, 1))
    y, x = np.mgrid[0:size, 0:size]
    frame = np.dstack([x, y, 0 * x]).astype(np.float32) * (255 / size)
    face = turned(FACE, 10, scale, (40 * scale, 0))
    transform = align.similarity(face)
    cut = align.crop(np.round(frame).astype(np.uint8), transform)
    assert cut.shape == (align.CROP, align.CROP, 3)
    middle = align.apply(align.invert(transform), np.array([align.EYES], np.float32))[0]
    seen = cut[int(align.EYES[1]), int(align.EYES[0]), :2] * (size / 255)
    assert np.allclose(seen, middle, atol=max(3.0, size / 100))
