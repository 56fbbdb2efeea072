from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from unmask_live.vision import align
from unmask_live.vision.anchor import Anchor

DEMO = Path(__file__).parents[3] / "assets" / "demo.mp4"
FIVE = np.float32([[300, 262], [404, 262], [352, 330], [316, 372], [392, 372]])
"""About where they are in the picture below; the tests ask for motion, not for the place."""


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    """The demo's first frame, cut to a square around the face, 700 pixels."""
    with av.open(str(DEMO)) as clip:
        frame = next(clip.decode(video=0)).to_ndarray(format="rgb24")
    return np.ascontiguousarray(frame[:, 290:990])


def moved(picture: np.ndarray, index: float) -> tuple[np.ndarray, np.ndarray]:
    """The picture after so many frames of motion (5 px and half a degree each), and its eyes."""
    matrix = cv2.getRotationMatrix2D((350, 300), 0.5 * index, 1 - 0.002 * index)
    matrix[:, 2] += 4 * index, -3 * index
    out = cv2.warpAffine(picture, matrix, (700, 720), borderMode=cv2.BORDER_REPLICATE)
    return out, align.apply(matrix.astype(np.float32), FIVE)


def off(transform: np.ndarray, five: np.ndarray) -> float:
    """How far the true eyes are from where they belong in the crop, crop pixels."""
    here = align.apply(transform, five[:2])
    return float(np.abs(here - align.apply(align.similarity(five), five[:2])).max())


def test_nothing_is_known_before_the_finder_told(picture):
    anchor = Anchor()
    assert anchor(picture, None, 0.0) is None
    assert anchor(picture, np.zeros((5, 2), np.float32), 0.1) is None
    assert off(anchor(picture, FIVE, 0.2), FIVE) < 0.01


def test_a_moving_face_is_followed_without_lag_and_without_the_finder(picture):
    anchor = Anchor()
    anchor(picture, FIVE, 0.0)
    for k in range(1, 16):
        frame, five = moved(picture, k)
        transform = anchor(frame, None, k / 30)
    assert off(transform, five) < 1.5  # of a way of 47 crop pixels and 8 degrees


@pytest.mark.parametrize("factor", [0.6, 1.2, 1.5])
def test_a_lamp_switched_on_while_the_face_moves_is_no_trouble(picture, factor):
    anchor = Anchor()
    anchor(picture, FIVE, 0.0)
    for k in range(1, 9):
        frame, five = moved(picture, k)
        lit = np.clip(frame * (factor if k >= 4 else 1.0), 0, 255).astype(np.uint8)
        transform = anchor(lit, None, k / 30)
    assert off(transform, five) < 1.0  # of 3 pixels a frame


def test_a_still_crop_hardly_trembles_where_the_finder_does(picture):
    rng = np.random.default_rng(0)
    anchor, places, raw = Anchor(), [], []
    for k in range(60):
        noisy = picture + rng.normal(0, 2, picture.shape)
        seen = FIVE + rng.normal(0, 1.0, FIVE.shape).astype(np.float32)
        transform = anchor(np.clip(noisy, 0, 255).astype(np.uint8), seen, k / 30)
        places.append(align.apply(align.invert(transform), np.float32([[128, 200]]))[0])
        raw.append(align.apply(align.invert(align.similarity(seen)), np.float32([[128, 200]]))[0])
    assert np.std(places[15:], axis=0).max() < 0.2 * np.std(raw[15:], axis=0).max()


def test_the_finder_has_the_last_word(picture):
    """The track was begun beside the face, as far as an eye distance: soon it is where it is."""
    anchor = Anchor()
    anchor(picture, FIVE + 100, 0.0)
    for k in range(1, 16):
        transform = anchor(picture, FIVE, k / 30)
    assert off(transform, FIVE) < 8  # inside `APART`; the rest comes gently
    for k in range(16, 240):
        transform = anchor(picture, FIVE, k / 30)
    assert off(transform, FIVE) < 0.5


def test_where_nothing_can_be_told_from_the_picture_the_finder_is_followed():
    anchor, flat = Anchor(), np.full((720, 700, 3), 90, np.uint8)
    anchor(flat, FIVE, 0.0)
    for k in range(1, 10):
        transform = anchor(flat, FIVE + np.float32([3 * k, 0]), k / 30)
    assert off(transform, FIVE + np.float32([27, 0])) < 4


@pytest.mark.parametrize("shift", [-345, 345])
def test_a_face_that_leaves_the_frame_is_no_trouble(picture, shift):
    anchor = Anchor()
    for k in range(12):
        matrix = np.float32([[1, 0, shift * k / 5], [0, 1, 0]])
        frame = cv2.warpAffine(picture, matrix, (700, 720))
        transform = anchor(frame, FIVE + matrix[:, 2] if k < 5 else None, k / 30)
        assert np.isfinite(transform).all()


def test_a_frame_of_another_size_begins_anew(picture):
    anchor = Anchor()
    anchor(picture, FIVE, 0.0)
    half = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    assert off(anchor(half, FIVE / 2, 0.1), FIVE / 2) < 0.01


def test_it_goes_by_the_clock(picture):
    ways = []
    for rate in (15, 60):
        anchor = Anchor()
        anchor(picture, FIVE, 0.0)
        for k in range(1, rate + 1):
            transform = anchor(picture, FIVE + np.float32([4, 0]), k / rate)
        ways.append(off(transform, FIVE))
    assert ways[0] == pytest.approx(ways[1], rel=0.1)
