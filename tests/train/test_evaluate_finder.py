from __future__ import annotations

import sys
from pathlib import Path

import fake_mediapipe
import numpy as np
import pytest
import tiny_faces

from train import evaluate_finder
from unmask_live.vision import mediapipe_find

SIX = [(62, 70), (98, 70), (80, 88), (80, 108), (50, 72), (110, 72)]
"""The drawn face's eyes, nose, mouth and ears."""


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, module in fake_mediapipe.modules(tmp_path).items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(mediapipe_find.metadata, "version", lambda name: "1.2.2")

    def faces(image: np.ndarray) -> list[list[tuple[float, float]]]:
        drawn = image.shape[:2] == (tiny_faces.SIDE, tiny_faces.SIDE)
        return [[(x / tiny_faces.SIDE, y / tiny_faces.SIDE) for x, y in SIX]] if drawn else []

    monkeypatch.setattr(fake_mediapipe, "faces", faces)
    path = tmp_path / "blaze.tflite"
    path.write_bytes(fake_mediapipe.MODEL)
    return path


def test_mediapipe_is_measured_on_the_same_pictures(model: Path, tmp_path: Path) -> None:
    data = tiny_faces.write(tmp_path / "data", 2)
    finder = mediapipe_find.MediaPipeFinder(model, evaluate_finder.LOWEST)
    table = evaluate_finder.evaluate(finder, data, paint=lambda image, marks, rng: image)
    assert table["photographs"]["recall"] == 1
    assert table["photographs"]["scene_finds"] == 0
    for row in ("keypoints bare", "keypoints masked"):
        assert table[row]["recall"] == 1
        assert table[row]["mean"] < 0.3


@pytest.mark.parametrize(
    ("finder", "message"),
    [
        ("mediapipe:nowhere.tflite", "there is no MediaPipe model nowhere.tflite"),
        ("theirs", "there is no other finder 'theirs'"),
    ],
)
def test_what_cannot_be_measured_is_one_line(
    model: Path, finder: str, message: str, tmp_path: Path, monkeypatch, capsys
) -> None:
    words = ["--data", str(tmp_path), "--finder", finder]
    monkeypatch.setattr(sys, "argv", ["evaluate_finder", *words])
    with pytest.raises(SystemExit) as ended:
        evaluate_finder.main()
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
