from __future__ import annotations

import numpy as np
import pytest
import tiny_faces

from train.data import compose, patches
from train.data.compose import FACE, MOST_FACES, Composer
from train.data.scenes import draw_part, gradient, held_out, load_scenes


def nothing(image, landmarks, rng):
    return image


@pytest.fixture(scope="module")
def composer(tmp_path_factory) -> Composer:
    folder = tmp_path_factory.mktemp("compose")
    data = tiny_faces.write(folder / "data")
    bank = patches.build(data, folder / "bank", "train", 8, nothing, nothing)
    return Composer(bank, [np.full((60, 90, 3), 90, np.uint8)])


def test_frames_are_what_the_finder_takes(composer):
    rng = np.random.default_rng(0)
    counts = []
    for _ in range(60):
        frame = composer.frame(rng)
        assert frame.image.shape == (192, 320, 3)
        assert frame.image.dtype == np.uint8
        assert len(frame.boxes) == len(frame.keypoints) == len(frame.kinds) <= MOST_FACES
        for box, kind in zip(frame.boxes, frame.kinds, strict=True):
            middle = (box[:2] + box[2:]) / 2
            assert (box[2:] > box[:2]).all()
            assert kind != FACE or ((middle >= 0) & (middle < [320, 192])).all()
        counts.append(frame.kinds.count(FACE))
    assert min(counts) == 0
    assert max(counts) >= 3


@pytest.mark.parametrize("kind", ["photo", "mosaic", "paste"])
def test_keypoints_lie_on_what_they_name(composer, monkeypatch, kind):
    """Eyes and nose are drawn in colours: mirrored, turned, reduced, they must be met."""
    monkeypatch.setattr(compose, "KINDS", ((kind, 1.0),))
    monkeypatch.setattr(compose, "spoil", lambda image, noise, rng: image)
    monkeypatch.setattr(compose, "tinted", lambda image, rng: image)
    monkeypatch.setattr(compose, "distract", lambda image, rng: None)
    rng = np.random.default_rng(1)
    met = {"red": 0, "blue": 0, "green": 0}
    asked = sizes = 0
    for _ in range(60):
        frame = composer.frame(rng)
        for box, five, is_face in zip(frame.boxes, frame.keypoints, frame.kinds, strict=True):
            low, high = box[:2], box[2:]
            whole = (low >= 1).all() and (high <= [319, 191]).all()
            if is_face != FACE or not whole or (high - low).min() < 16:
                continue
            assert five[0, 0] < five[1, 0]
            asked, sizes = asked + 1, sizes + float(high[0] - low[0])
            left, right, nose = (frame.image[round(y), round(x)].astype(int) for x, y in five[:3])
            met["red"] += int(max(left[0], right[0]) > 130)
            met["blue"] += int(max(left[2], right[2]) > 130)
            met["green"] += int(nose[1] - nose[0] > 60)
    assert asked > 10
    assert min(met.values()) > 0.93 * asked


def test_empty_frames_have_no_faces(composer, monkeypatch):
    monkeypatch.setattr(compose, "KINDS", (("empty", 1.0),))
    rng = np.random.default_rng(2)
    assert not any(composer.frame(rng).kinds for _ in range(20))


def test_the_same_numbers_make_the_same_frame(composer):
    one, two = (composer.frame(np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(one.image, two.image)


def test_held_out_scenes_never_train(tmp_path):
    data = tiny_faces.write(tmp_path / "data")
    train, test = load_scenes(data, test=False), load_scenes(data, test=True)
    assert len(train) + len(test) == 40
    assert test
    assert not train.keys() & test.keys()
    assert all(held_out(f"anywhere/{name}") for name in test)
    with pytest.raises(FileNotFoundError, match="--data"):
        load_scenes(tmp_path, test=True)


@pytest.mark.parametrize("size", [(1, 1), (320, 192), (20, 190)])
def test_backgrounds_have_the_size_asked_for(size):
    rng = np.random.default_rng(0)
    scene = rng.integers(0, 255, (30, 50, 3)).astype(np.uint8)
    assert draw_part([scene], size, rng).shape == (size[1], size[0], 3)
    assert gradient(size, rng).shape == (size[1], size[0], 3)
