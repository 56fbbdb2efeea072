from __future__ import annotations

from pathlib import Path

import numpy as np
import portrait_faces
import pytest

from train.data.faces import FaceCrops, mirrored
from train.data.holes import hole, stroke
from train.data.masked import masked_example
from unmask_live.errors import UserError
from unmask_live.vision import align


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return portrait_faces.write(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def faces(data, tmp_path_factory) -> FaceCrops:
    return FaceCrops(data, "train", tmp_path_factory.mktemp("cache"))


def test_crops_are_aligned_by_the_eyes(faces):
    sample = faces.plain(0)
    assert sample.image.shape == (align.CROP, align.CROP, 3)
    eyes = sample.landmarks.five()[:2]
    assert np.allclose(eyes.mean(0), align.EYES, atol=0.5)
    assert sample.valid.any() and not sample.valid.all()  # the cut-out ends inside the crop


def test_variation_moves_picture_and_landmarks_together(faces):
    """The dark pupils stay under the iris landmarks however the crop is varied."""
    rng = np.random.default_rng(0)
    for _ in range(12):
        sample = faces.varied(0, rng)
        for iris in (468, 473):
            x, y = sample.landmarks[iris].round().astype(int)
            here = sample.image[y - 3 : y + 4, x - 3 : x + 4].mean()
            around = sample.image[y - 14 : y + 15, x - 14 : x + 15].mean()
            assert here < around


def test_mirroring_twice_gives_the_face_back(faces):
    sample = faces.plain(1)
    twice = mirrored(mirrored(sample, faces._mirror), faces._mirror)
    assert np.array_equal(twice.image, sample.image)
    once = mirrored(sample, faces._mirror).landmarks.five()
    assert once[0, 0] < once[1, 0] and once[3, 0] < once[4, 0]  # image-left stays image-left


def test_the_cache_is_built_once_and_whole(data, tmp_path):
    first = FaceCrops(data, "val", tmp_path)
    made = next(tmp_path.glob("*.npy"))
    before = made.stat().st_mtime_ns
    again = FaceCrops(data, "val", tmp_path, in_memory=True)
    assert made.stat().st_mtime_ns == before and len(list(tmp_path.iterdir())) == 1
    assert np.array_equal(first.plain(0).image, again.plain(0).image)


def test_turned_heads_are_drawn_more_often_where_that_is_asked_for(data, tmp_path):
    label = data / "faces" / "test.npz"
    content = dict(np.load(label))
    tip = list(content["mesh_index"]).index(1)
    content["landmarks"][0, tip, 0] += 30  # the first of four looks to the side
    np.savez(label, **content)
    shares = {}
    for turned in (0.0, 2.0):
        faces = FaceCrops(data, "test", tmp_path, turned=turned)
        rng = np.random.default_rng(0)
        shares[turned] = np.mean([faces.draw(rng) == 0 for _ in range(2000)])
    assert shares[0.0] == pytest.approx(1 / 4, abs=0.03)
    assert shares[2.0] == pytest.approx(3 / 6, abs=0.03)
    assert faces.plain(0).landmarks.turn() > 0.3 > abs(faces.plain(1).landmarks.turn()) + 0.15
    with pytest.raises(UserError, match="turned is -1"):
        FaceCrops(data, "test", tmp_path, turned=-1)


def test_a_turn_is_told_whatever_the_tilt_and_mirrored_is_its_opposite(faces):
    sample = faces.plain(0)
    turn = sample.landmarks.turn()
    tilted = sample.landmarks.moved(np.float32([[0, -2, 9], [2, 0, 5]]))
    assert tilted.turn() == pytest.approx(turn, abs=1e-4)
    assert mirrored(sample, faces._mirror).landmarks.turn() == pytest.approx(-turn, abs=0.02)
    nowhere = sample.landmarks.moved(np.zeros((2, 3), np.float32))
    assert nowhere.turn() == 0


def test_a_picture_that_is_missing_is_said(data, tmp_path):
    other = portrait_faces.write(tmp_path / "other", count=3)
    (other / "faces" / "train-0.tar").unlink()
    with pytest.raises(FileNotFoundError, match="0 of 3"):
        FaceCrops(other, "train", tmp_path / "cache")
    with pytest.raises(FileNotFoundError, match="--data"):
        FaceCrops(tmp_path, "train", tmp_path / "cache")


def test_holes_are_binary_on_the_face_and_inside_the_picture(faces):
    sample = faces.plain(0)
    for seed in range(8):
        cover = hole(sample, np.random.default_rng(seed))
        assert set(np.unique(cover)) == {0.0, 1.0}
        assert 0.03 < cover.mean() < 0.6
        assert not (cover[~sample.valid] > 0).any()
        x, y = sample.landmarks[152].round().astype(int) - [0, 30]
        assert cover[y, x] == 1  # the mouth's surroundings are covered
    assert stroke((256, 256), np.random.default_rng(0)).any()


def test_examples_are_masked_or_bare_and_agree_with_their_matte(faces):
    sample = faces.plain(0)
    masked, matte = masked_example(sample, np.random.default_rng(1), bare=0.0)
    assert masked.shape == sample.image.shape and matte.max() == 1
    _, bare = masked_example(sample, np.random.default_rng(1), bare=1.0)
    assert bare.max() == 0
