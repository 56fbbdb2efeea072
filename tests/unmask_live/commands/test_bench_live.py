"""The real window, the real networks and the shipped clip, for a second."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from clips import frames
from typer.testing import CliRunner
from waiting import our_threads

from unmask_live.cli import app
from unmask_live.commands import bench_live, live_watch

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch, qapp: object) -> None:
    monkeypatch.setattr(live_watch, "_SETTLE", 0.1)


def test_what_the_window_shows_is_counted_and_its_age_told() -> None:
    result = CliRunner().invoke(app, ["bench", "--live", "--seconds", "1", "--json"])
    assert result.exit_code == 0, result.stderr
    figures = json.loads(result.stdout)
    assert figures["shown"] > 0 and figures["fps"] * figures["seconds"] == pytest.approx(
        figures["shown"]
    )
    assert figures["age"]["p95_ms"] >= figures["age"]["median_ms"] > 0
    assert figures["gui_blocked"]["most_ms"] >= figures["gui_blocked"]["p95_ms"] >= 0
    assert {"unmask", "present", "capture"} <= set(figures["stages"])
    assert figures["threads_left"] == [] == our_threads()


def test_the_finder_that_is_asked_for_looks_and_one_that_there_is_not_is_told() -> None:
    words = ["bench", "--live", "--seconds", "1", "--finder", "nonsense"]
    result = CliRunner().invoke(app, words)
    assert (result.exit_code, result.stdout) == (1, "")
    last = result.stderr.splitlines()[-1]
    assert last == "error: there is no finder 'nonsense': choose ours or mediapipe"
    assert our_threads() == []


def test_a_soak_records_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_live.tempfile, "TemporaryDirectory", lambda: _Kept(tmp_path))
    monkeypatch.setattr(bench_live, "write_sync_clip", lambda clip, demo: shutil.copy(demo, clip))
    figures = bench_live.soak(3 / 60, "auto")
    assert len(frames(tmp_path / "recording.mp4")) > 3
    assert figures["skew"] == {"clicks": 0}, "the demo is silent"
    assert figures["memory"]["last_mb"] > 10
    bench_live.print_live(figures)


class _Kept:
    """A folder that outlives its use."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> str:
        return str(self._path)

    def __exit__(self, *_: object) -> None: ...
