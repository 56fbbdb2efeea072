from __future__ import annotations

import numpy as np
import pytest

from unmask_live.vision import find
from unmask_live.vision.find import GREY, HEIGHT, WIDTH, Finder, decode, letterbox, peaks, suppress


@pytest.mark.parametrize(
    ("height", "width"),
    [(720, 1280), (1280, 720), (192, 320), (1, 1), (3, 700), (700, 3), (50, 40), (1080, 1920)],
)
def test_letterbox_keeps_shape_and_maps_back(height, width):
    image = np.zeros((height, width, 3), np.uint8)
    picture, place = letterbox(image)
    assert picture.shape == (HEIGHT, WIDTH, 3)
    inside = np.argwhere((picture != GREY).any(2))
    top_left, bottom_right = inside.min(0)[::-1], inside.max(0)[::-1] + 1
    corners = place.to_frame(np.array([top_left, bottom_right], np.float32))
    np.testing.assert_allclose(corners, [[0, 0], [width, height]], atol=1e-2)
    if min(height, width) >= 40:
        assert place.scale[0] == pytest.approx(place.scale[1], rel=0.03)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((0, 10, 3), np.uint8),
        np.zeros((10, 10), np.uint8),
        np.zeros((10, 10, 4), np.uint8),
        np.zeros((10, 10, 3), np.float32),
    ],
)
def test_letterbox_refuses_what_is_no_picture(image):
    with pytest.raises(ValueError, match="want a non-empty"):
        letterbox(image)


def test_letterbox_does_not_write_into_the_frame():
    image = np.full((100, 200, 3), 7, np.uint8)
    image.flags.writeable = False
    letterbox(image)


def test_peaks_are_hottest_first_and_respect_the_threshold():
    heat = np.zeros((48, 80), np.float32)
    heat[0, 0], heat[10, 20], heat[10, 21], heat[47, 79], heat[30, 30] = 0.5, 0.9, 0.8, 0.6, 0.2
    rows, columns = peaks(heat, 0.3)
    assert list(zip(rows, columns, strict=True)) == [(10, 20), (47, 79), (0, 0)]


def outputs(*faces):
    """Heat and geometry of faces given as (row, column, score, half width in cells)."""
    heat, geometry = np.zeros((48, 80), np.float32), np.zeros((14, 48, 80), np.float32)
    for row, column, score, half in faces:
        heat[row, column] = score
        geometry[:4, row, column] = half
        five = np.array([[-0.4, -0.3], [0.4, -0.3], [0, 0.1], [-0.3, 0.5], [0.3, 0.5]]) * half
        geometry[4:, row, column] = five.ravel()
    return heat, geometry


def test_decode_of_nothing_is_empty():
    boxes, keypoints, scores = decode(*outputs())
    assert boxes.shape == (0, 4)
    assert keypoints.shape == (0, 5, 2)
    assert scores.shape == (0,)


def test_decode_reads_cells_as_pixels():
    boxes, keypoints, scores = decode(*outputs((10, 20, 0.9, 5)))
    np.testing.assert_allclose(boxes, [[62, 22, 102, 62]])
    np.testing.assert_allclose(keypoints[0, 0], [82 - 8, 42 - 6])
    np.testing.assert_allclose(scores, [0.9])


def test_a_plateau_is_one_face():
    boxes, _, _ = decode(*outputs((10, 20, 0.9, 5), (10, 21, 0.9, 5), (11, 20, 0.9, 5)))
    assert len(boxes) == 1


@pytest.mark.parametrize(
    ("boxes", "kept"),
    [
        (np.zeros((0, 4)), []),
        ([[0, 0, 10, 10], [20, 0, 30, 10]], [0, 1]),
        ([[0, 0, 10, 10], [1, 1, 11, 11]], [0]),
        ([[0, 0, 100, 100], [40, 40, 60, 60]], [0]),
        ([[0, 0, 10, 10], [6, 0, 16, 10]], [0, 1]),
        ([[5, 5, 5, 5], [0, 0, 10, 10]], [0, 1]),
    ],
)
def test_suppress(boxes, kept):
    assert suppress(np.array(boxes, np.float32)).tolist() == kept


@pytest.mark.parametrize(("height", "width"), [(720, 1280), (1280, 720), (96, 160), (20, 7)])
def test_finder_speaks_in_frame_pixels(height, width):
    seen = {}

    def engine(*, image):
        seen["image"] = image.copy()
        heat, geometry = outputs((24, 40, 0.9, 4), (24, 10, 0.1, 4))
        return {"heat": heat[None, None], "geometry": geometry[None]}

    image = np.full((height, width, 3), [255, 0, 51], np.uint8)
    (face,) = Finder(engine)(image)
    assert seen["image"].shape == (1, 3, HEIGHT, WIDTH)
    np.testing.assert_allclose(seen["image"][0, :, 96, 160], [1, 0, 0.2], atol=1e-6)
    scale = min(WIDTH / width, HEIGHT / height)
    x0, y0, x1, y1 = face.box
    # The cell's middle is 2 pixels right of and below the picture's; half a box is 16.
    assert (x0 + x1) / 2 == pytest.approx(width / 2 + 2 / scale, abs=2 / scale)
    assert (y0 + y1) / 2 == pytest.approx(height / 2 + 2 / scale, abs=2 / scale)
    assert x1 - x0 == pytest.approx(32 / scale, rel=0.05)
    assert face.keypoints.shape == (5, 2)
    assert face.keypoints.dtype == np.float32
    assert x0 < face.keypoints[:, 0].min() < face.keypoints[:, 0].max() < x1
    assert face.score == pytest.approx(0.9)


def test_many_peaks_stay_bounded():
    heat = np.zeros((48, 80), np.float32)
    heat[::2, ::2] = 0.9
    rows, _ = peaks(heat, 0.3)
    assert len(rows) == find.MOST


@pytest.mark.parametrize(("width", "wanted"), [(5, 0.7), (16, 0.7), (23, 0.51), (90, 0.32)])
def test_a_small_face_must_be_surer(width, wanted):
    assert find.threshold_for(width) == pytest.approx(wanted)
