from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import portrait_faces
import pytest

from train.data import cut
from train.data.faces import FaceCrops
from train.data.holes import hole
from train.data.masked import painted
from unmask_live.errors import UserError
from unmask_live.vision import align

FIVE = np.float32([[60, 80], [120, 80], [90, 110], [65, 140], [115, 140]])


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return portrait_faces.write(tmp_path_factory.mktemp("data"), 2)


def test_the_middle_is_the_largest_square_whole_and_nowhere_shifted():
    """CelebA's aligned pictures are 178 wide and 218 high."""
    picture = np.zeros((218, 178, 3), np.uint8)
    picture[..., 0] = np.arange(178)[None]
    picture[..., 1] = np.arange(218)[:, None]
    transform = cut.transform(cut.MIDDLE, 256, FIVE, np.array([218, 178]))
    made = align.crop(picture, transform, 256)
    wanted = cv2.resize(picture[20:198], (256, 256), interpolation=cv2.INTER_LINEAR)
    assert np.abs(made.astype(int) - wanted).max() <= 1


def test_the_eyes_cut_is_the_programs_in_any_size():
    one = cut.transform(cut.EYES, 256, FIVE, np.array([218, 178]))
    assert np.array_equal(one, align.similarity(FIVE))
    assert np.allclose(cut.transform(cut.EYES, 512, FIVE, np.array([218, 178])), 2 * one)


@pytest.mark.parametrize(
    ("how", "side", "said"),
    [("mouth", 256, "wanted 'eyes' or 'middle'"), ("eyes", 250, "multiple of 64 from 64 to 1024")],
)
def test_what_cannot_be_cut_is_said(data, tmp_path, how, side, said):
    with pytest.raises(UserError, match=said):
        FaceCrops(data, "val", tmp_path, cut=how, side=side)


@pytest.mark.parametrize("how", cut.CUTS)
def test_a_face_of_twice_the_side_is_the_same_face(data, tmp_path, how):
    small, large = (FaceCrops(data, "val", tmp_path, cut=how, side=s) for s in (256, 512))
    assert len(list(tmp_path.glob("*.npy"))) == 2, "each has crops of its own"
    a, b = small.plain(1), large.plain(1)
    assert b.image.shape == (512, 512, 3) and b.valid.shape == (512, 512)
    shrunk = cv2.resize(b.image, (256, 256), interpolation=cv2.INTER_AREA)
    assert np.abs(shrunk.astype(int) - a.image)[a.valid].mean() < 3
    known = small.known
    assert np.allclose(b.landmarks.points[known], 2 * a.landmarks.points[known], atol=1)
    one, two = (hole(s, np.random.default_rng(3)) for s in (a, b))
    assert abs(one.mean() - two.mean()) < 0.02 and two.any()
    masked, cover = painted(b, np.random.default_rng(3))
    assert masked.shape == b.image.shape and np.array_equal(cover, two)
    varied = large.varied(0, np.random.default_rng(1))
    assert varied.image.shape == (512, 512, 3)


def test_a_middle_cut_keeps_the_whole_picture_and_mirrors_about_its_middle(data, tmp_path):
    faces = FaceCrops(data, "val", tmp_path, cut=cut.MIDDLE)
    sample = faces.plain(0)
    assert sample.valid.mean() > 0.98  # the pictures are square
    eyes = FaceCrops(data, "val", tmp_path).plain(0)
    assert not np.allclose(sample.landmarks.five(), eyes.landmarks.five(), atol=4)
    for seed in range(8):  # image-left stays image-left in those that are mirrored
        left, right = faces.varied(0, np.random.default_rng(seed)).landmarks.five()[:2]
        assert left[0] < right[0]
