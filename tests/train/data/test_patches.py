from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny_faces

from train.data import patches


def nothing(image, landmarks, rng):
    return image


def dark(image, landmarks, rng):
    return image // 4


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tiny_faces.write(tmp_path / "data")


def test_a_bank_keeps_pictures_points_and_whether_masked(data, tmp_path):
    bank = patches.build(data, tmp_path / "bank", "train", 40, dark, nothing)
    assert len(bank) == 40
    kinds = [bank[i].masked for i in range(40)]
    assert 5 < sum(kinds) < 38
    for i in (kinds.index(True), kinds.index(False)):
        patch = bank[i]
        image, factor = patch.decode(1.0)
        assert (image.shape, factor) == ((160, 160, 3), 1)
        np.testing.assert_allclose(patch.five[:2], [[62, 70], [98, 70]])
        assert patch.outline.shape == (len(patches.OUTLINE), 2)
        red = image[70, 62, 2]
        assert (red < 70) if patch.masked else (red > 180)


def test_decode_reduces_as_far_as_the_scale_allows(data, tmp_path):
    patch = patches.build(data, tmp_path / "bank", "val", 1, nothing, nothing)[0]
    for scale, side in ((2.0, 160), (0.9, 160), (0.5, 80), (0.3, 40), (0.05, 20)):
        image, factor = patch.decode(scale)
        assert image.shape[0] == side == 160 // factor


def test_making_goes_on_where_it_stopped(data, tmp_path, monkeypatch):
    monkeypatch.setattr(patches, "SHARD", 4)
    patches.build(data, tmp_path / "bank", "train", 8, nothing, nothing)
    painted = []

    def counting(image, landmarks, rng):
        painted.append(1)
        return image

    (tmp_path / "bank" / "train-001.npz").unlink()
    bank = patches.build(data, tmp_path / "bank", "train", 8, counting, counting)
    assert len(bank) == 8
    assert 0 < len(painted) <= 4
    np.testing.assert_array_equal(bank[7].size, (160, 160))
    with pytest.raises(IndexError):
        bank[8]


def test_no_bank_and_no_labels_are_told(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"train\.data\.patches"):
        patches.Bank(tmp_path)
    with pytest.raises(FileNotFoundError, match="--data"):
        patches.build(tmp_path, tmp_path / "bank", "train", 1)


def test_rare_people_come_first_and_nobody_twice():
    names = np.array([f"a/{'more-' if i < 50 else ''}{i}.webp" for i in range(200)])
    sources = np.array(["lfw"] * 200)
    order = patches.chosen(names, sources, 100)
    assert len(set(order.tolist())) == 100
    assert (order < 50).mean() > 0.28  # a quarter by plain frequency
    assert sorted(patches.chosen(names, sources, 400)[:200].tolist()) == list(range(200))
