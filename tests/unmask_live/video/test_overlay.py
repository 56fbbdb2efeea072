from __future__ import annotations

import numpy as np

from unmask_live.types import Face
from unmask_live.video.overlay import paint_mattes, side_by_side


def face(filled: bool, masked: bool = True) -> Face:
    """A matte over the crop's lower half; the crop is the frame's pixels (20..84, 10..74)."""
    matte = np.zeros((256, 256), np.float32)
    matte[128:] = filled
    transform = np.array([[4, 0, -80], [0, 4, -40]], np.float32)
    return Face((20, 10, 84, 74), np.zeros((5, 2), np.float32), 1.0, 1, masked, matte, transform)


def test_paints_where_the_matte_lies_and_nowhere_else() -> None:
    image = np.full((90, 120, 3), 100, np.uint8)
    painted = paint_mattes(image, [face(True)])
    changed = (painted != image).any(axis=2)
    ys, xs = np.nonzero(changed)
    assert abs(xs.min() - 20) <= 1
    assert abs(xs.max() - 83) <= 1
    assert abs(ys.min() - 42) <= 1
    assert abs(ys.max() - 73) <= 1
    assert (image == 100).all(), "the given picture was written to"


def test_a_fading_fill_is_painted_too() -> None:
    image = np.full((90, 120, 3), 100, np.uint8)
    painted = paint_mattes(image, [face(True, masked=False)])
    np.testing.assert_array_equal(painted, paint_mattes(image, [face(True)]))


def test_bare_and_no_faces_change_nothing() -> None:
    image = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
    for faces in ([], [face(False)]):
        painted = paint_mattes(image, faces)
        np.testing.assert_array_equal(painted, image)
        assert painted is not image


def test_side_by_side() -> None:
    left, right = np.zeros((4, 5, 3), np.uint8), np.ones((4, 5, 3), np.uint8)
    both = side_by_side(left, right)
    assert both.shape == (4, 10, 3)
    np.testing.assert_array_equal(both[:, 5:], right)
