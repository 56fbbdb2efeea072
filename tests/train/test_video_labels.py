from __future__ import annotations

import sys

import numpy as np
import pytest

from train import evaluate, video_labels
from train.video_labels import POINTS, NoLabelsError, cached, clips, load, seen, smooth


def marks(frames: int, speed: float = 0.0) -> np.ndarray:
    return np.full((frames, POINTS, 2), 100, np.float32) + speed * np.float32(
        np.arange(frames)[:, None, None]
    )


def test_smoothing_calms_noise_and_keeps_steady_motion():
    noise = np.random.default_rng(0).normal(0, 1, (60, POINTS, 2)).astype(np.float32)
    assert (smooth(marks(60) + noise) - 100)[8:-8].std() < 0.5
    moving = marks(60, speed=3.0)
    assert np.allclose(smooth(moving), moving, atol=1e-2)  # at the ends too: no lag


def test_frames_without_a_face_stay_so_and_spoil_no_other():
    gap = marks(20, speed=2.0)
    gap[7:9] = np.nan
    gap[13:] = np.nan
    out = smooth(gap)
    assert np.array_equal(seen(out), seen(gap))
    assert np.allclose(out[seen(gap)], gap[seen(gap)], atol=1e-2)
    assert not np.isfinite(smooth(np.full((4, POINTS, 2), np.nan, np.float32))).any()
    assert smooth(np.zeros((0, POINTS, 2), np.float32)).shape == (0, POINTS, 2)


def test_one_frame_alone_is_left_as_it_is():
    assert np.array_equal(smooth(marks(1)), marks(1))


def test_labels_belong_to_a_clips_content(tmp_path):
    one, other = tmp_path / "a.mp4", tmp_path / "b.mp4"
    one.write_bytes(b"one")
    other.write_bytes(b"other")
    np.save(cached(one, tmp_path), marks(3))
    assert np.array_equal(load(one, tmp_path), marks(3))
    before = cached(one, tmp_path)
    one.write_bytes(b"another cut")
    assert cached(one, tmp_path) != before
    assert cached(one, tmp_path).stem.startswith("a-")


def test_without_mediapipe_one_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    monkeypatch.setitem(sys.modules, "mediapipe.python.solutions.face_mesh", None)
    clip = tmp_path / "head.mp4"
    clip.write_bytes(b"not labelled")
    with pytest.raises(
        NoLabelsError, match=r"head.mp4 .*mediapipe==0\.10\.21.*train\.video_labels"
    ):
        load(clip, tmp_path)


def test_evaluate_says_that_labels_are_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    monkeypatch.setitem(sys.modules, "mediapipe.python.solutions.face_mesh", None)
    (tmp_path / "video").mkdir()
    (tmp_path / "video" / "head.mp4").write_bytes(b"not labelled")
    with pytest.raises(SystemExit):
        evaluate.main(["--data", str(tmp_path), "--parts", "video", "--out", str(tmp_path / "out")])
    assert "mediapipe==0.10.21" in capsys.readouterr().err


def test_who_wears_a_mask_already_is_left_out(tmp_path):
    assert clips(tmp_path) == []
    (tmp_path / "video").mkdir()
    for name in ("b.mp4", "a.mp4", *video_labels.LEFT_OUT, "notes.txt"):
        (tmp_path / "video" / name).touch()
    assert [c.name for c in clips(tmp_path)] == ["a.mp4", "b.mp4"]
