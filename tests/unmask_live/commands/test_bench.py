from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from clips import write_clip
from fakes import Negative
from typer.testing import CliRunner

from unmask_live import Unmasked
from unmask_live.cli import app
from unmask_live.commands import bench as command
from unmask_live.commands import bench_live
from unmask_live.unmasker import STAGES


class Timed(Negative):
    """Reports a time for every stage."""

    def __call__(self, image: np.ndarray, timestamp: float | None = None) -> Unmasked:
        return Unmasked(image.copy(), (), dict.fromkeys(STAGES, 1.5))


@pytest.fixture(autouse=True)
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = write_clip(tmp_path / "demo.mp4")
    monkeypatch.setattr(command, "demo_clip", lambda: clip)
    monkeypatch.setattr(command, "Unmasker", Timed)
    monkeypatch.setattr(
        command, "time_engine", lambda *_: {"runs": 1, "median_ms": 3.0, "p95_ms": 4.0}
    )


def test_json_holds_every_figure() -> None:
    result = CliRunner().invoke(app, ["bench", "--json", "--frames", "3"])
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert [case["faces"] for case in report["faces"]] == [1, 2, 4]
    for case in report["faces"]:
        assert case["frames"] == 3
        assert set(case["stages"]) == set(STAGES)
        assert case["stages"]["blend"]["median_ms"] == 1.5
        assert case["fps"] > 0 and case["fps_side_by_side"] > 0
        assert case["whole"]["p95_ms"] >= case["whole"]["median_ms"]
    assert report["networks"] == {"negative": {"runs": 1, "median_ms": 3.0, "p95_ms": 4.0}}
    assert report["backends"] == {"negative": "numpy"}
    assert report["inpainter"] == "inpainter"
    assert report["finders"] == {}
    assert report["machine"]["cores"] >= 1
    assert report["file"]["frames"] == 20


def test_another_finder_is_timed_beside_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def time_finder(name: str, *_: object) -> dict:
        asked.append(name)
        return {"runs": 1, "faces": 1, "median_ms": 3.0, "p95_ms": 4.0}

    monkeypatch.setattr(command, "time_finder", time_finder)
    words = ["bench", "--frames", "1", "--finder", "mediapipe:face.tflite"]
    result = CliRunner().invoke(app, [*words, "--json"])
    assert result.exit_code == 0, result.stderr
    assert asked == ["ours", "mediapipe:face.tflite"]
    assert json.loads(result.stdout)["finders"]["mediapipe:face.tflite"]["median_ms"] == 3.0
    assert "finders, picture to faces" in CliRunner().invoke(app, words).stdout


def test_for_people() -> None:
    result = CliRunner().invoke(app, ["bench", "--seconds", "0.1"])
    assert result.exit_code == 0, result.stderr
    for words in ("1280x720, 4 faces", "inpaint", "file to file"):
        assert words in result.stdout


def test_the_chain_is_measured_with_the_inpainter_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, timed = [], []

    class Asked(Timed):
        def __init__(self, **options: object) -> None:
            asked.append((options["inpainter"], options.get("overlapped", False)))
            super().__init__(**options)
            self.backends = {"finder": "x", options["inpainter"]: "numpy"}

    def time_engine(name: str, *_: object) -> dict:
        timed.append(name)
        return {"runs": 1, "median_ms": 3.0, "p95_ms": 4.0}

    monkeypatch.setattr(command, "Unmasker", Asked)
    monkeypatch.setattr(command, "time_engine", time_engine)
    words = ["bench", "--frames", "1", "--json", "--inpainter", "inpainter-small"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.stderr
    assert asked == [("inpainter-small", False), ("inpainter-small", True)]
    assert timed == ["finder", "inpainter-small"]
    assert json.loads(result.stdout)["inpainter"] == "inpainter-small"


@pytest.mark.parametrize("more", [(), ("--live",), ("--soak", "1"), ("--all",)])
def test_a_backend_that_there_is_not_is_told_before_anything_is_measured(more: tuple) -> None:
    result = CliRunner().invoke(app, ["bench", "--backend", "abacus", *more])
    assert result.exit_code == 1 and result.stdout == ""
    assert result.stderr.startswith("error: there is no backend 'abacus': choose auto")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "length", "finder"),
    [
        (("--live",), 5.0, "ours"),
        (("--live", "--seconds", "0.5"), 1.0, "ours"),
        (("--live", "--finder", "mediapipe:x"), 5.0, "mediapipe:x"),
        (("--soak", "2"), 2.0, "ours"),
        (("--soak", "2", "--finder", "mediapipe:x"), 2.0, "mediapipe:x"),
    ],
)
def test_the_window_is_measured_with_what_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, words: tuple, length: float, finder: str
) -> None:
    asked = []
    for name in ("bench_live", "soak"):
        monkeypatch.setattr(bench_live, name, lambda *given: asked.append(given) or {})
    more = ("--backend", "openvino", "--inpainter", "inpainter-small")
    result = CliRunner().invoke(app, ["bench", "--json", *words, *more])
    assert result.exit_code == 0, result.stderr
    assert asked == [(length, "openvino", "inpainter-small", finder)]


@pytest.mark.parametrize("more", [(), ("--live",), ("--all",)])
def test_an_inpainter_that_is_none_is_told_before_anything_is_measured(more: tuple) -> None:
    result = CliRunner().invoke(app, ["bench", "--inpainter", "finder", *more])
    assert result.exit_code == 1 and result.stdout == ""
    assert result.stderr.startswith("error: the finder network is no inpainter: choose inpainter")
