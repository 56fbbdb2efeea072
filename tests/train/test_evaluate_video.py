from __future__ import annotations

import functools
import json
import sys

import masked_clips
import numpy as np
import pytest

from train import evaluate, evaluate_video
from train.video_clip import read_clips
from unmask_live import Unmasker
from unmask_live.types import Unmasked

MOVING, STILL = "head, surgical", "still of head, surgical"


class Untouched(Unmasker):
    """Finds the faces and gives the frame back as it is."""

    def __call__(self, frame, timestamp=None):
        result = super().__call__(frame, timestamp)
        return Unmasked(frame.copy(), result.faces)


class Blind(Unmasker):
    """Finds no face."""

    def __call__(self, frame, timestamp=None):
        return Unmasked(frame.copy(), ())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("video")
    masked_clips.write(folder / "data", folder / "cache")
    return folder


@pytest.fixture(autouse=True)
def brief(monkeypatch):
    monkeypatch.setattr(evaluate_video, "SETTLE", 4)
    monkeypatch.setattr(evaluate_video, "STILL_FRAMES", 6)


def measured(folder, kind, **options):
    with kind() as unmasker:
        clips = read_clips(folder / "data", folder / "cache")
        return evaluate_video.evaluate(clips, unmasker, **options)


def test_the_chain_is_measured_on_a_moving_and_a_still_face(folder, tmp_path):
    sheet = tmp_path / "sheet.png"
    table = measured(folder, Unmasker, sheet=sheet)
    assert list(table) == [MOVING, "all clips", STILL, "all stills"]
    row, calm = table[MOVING], table[STILL]
    assert row["unmasked"] == 1.0 and row["covered"] > 0.9 and row["frames"] == 12
    assert row["ratio"] == pytest.approx(row["e_warp"] / row["true e_warp"])
    assert 0 < row["e_warp"] < 0.01
    assert 0 < row["eyes off"] < 0.2
    assert 0 < calm["flicker"] < 2 and 0 < calm["jitter px"] < 1 and calm["frames"] == 6
    assert table["all stills"]["flicker"] == pytest.approx(calm["flicker"])
    assert table["all clips"]["ratio"] == pytest.approx(row["ratio"])
    assert sheet.stat().st_size > 10_000


def test_noise_that_is_left_in_the_picture_counts_as_flicker(folder):
    row = measured(folder, Untouched, most=3)[STILL]
    grey = 2.0 * np.sqrt(0.299**2 + 0.587**2 + 0.114**2) * np.sqrt(5 / 6)  # spread of six
    assert row["flicker"] == pytest.approx(grey, rel=0.15)


def test_who_finds_nothing_gets_no_figures_rather_than_good_ones(folder):
    table = measured(folder, Blind, most=3)
    assert table[MOVING]["unmasked"] == 0 and table[MOVING]["covered"] == 0
    assert np.isnan(table[MOVING]["ratio"]) and np.isnan(table[STILL]["flicker"])


def test_no_clips_no_rows():
    assert evaluate_video.evaluate([], None) == {}


def test_the_command_measures_video_where_asked(folder, tmp_path, monkeypatch):
    known = functools.partial(read_clips, cache=folder / "cache")
    monkeypatch.setattr(evaluate, "read_clips", known)
    out, page, manifest = tmp_path / "out", tmp_path / "page.md", tmp_path / "manifest.json"
    command = ["--video", "--data", str(folder / "data"), "--out", str(out), "--frames", "3"]
    evaluate.main([*command, "--record"], page=page, manifest=manifest)
    table = json.loads((out / "evaluation.json").read_text())["video, whole chain"]
    assert table[MOVING]["frames"] == 3
    text = page.read_text()
    assert "## video, whole chain" in text and str(tmp_path) not in text
    assert "--frames 3 --parts video --record" in text
    assert (out / "video.png").exists() and not manifest.exists()


def test_without_landmarks_the_command_says_what_to_install(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "mediapipe.python.solutions.face_mesh", None)
    monkeypatch.setattr(evaluate, "read_clips", functools.partial(read_clips, cache=tmp_path))
    with pytest.raises(SystemExit):
        evaluate.main(["--video", "--data", str(folder / "data"), "--out", str(tmp_path / "out")])
    assert "mediapipe==0.10.21" in capsys.readouterr().err
