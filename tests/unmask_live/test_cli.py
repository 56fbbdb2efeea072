from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from unmask_live.app import main as window
from unmask_live.cli import _unraisable, app


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the window was opened with, each time; it is closed at once."""
    asked: list[dict[str, Any]] = []

    def run(**given: Any) -> int:
        asked.append(given)
        return 0

    monkeypatch.setattr(window, "run", run)
    return asked


def test_alone_it_opens_the_window_with_what_was_asked(opened: list[dict[str, Any]]) -> None:
    assert CliRunner().invoke(app, []).exit_code == 0
    words = ["--backend", "openvino:fp32", "--finder", "mediapipe", "--inpainter", "ganmasker"]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert opened == [
        {"backend": None, "finder": None, "inpainter": None},
        {"backend": "openvino:fp32", "finder": "mediapipe", "inpainter": "ganmasker"},
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--backend", "nothing"], "there is no backend 'nothing': choose auto, "),
        (["--inpainter", "nobody"], "nobody"),
        (
            ["--finder", "ours", "doctor"],
            "--finder before doctor is for the window alone: write it after",
        ),
        (
            ["--backend", "auto", "--inpainter", "raunet", "demo"],
            "--backend and --inpainter before demo are for the window alone: write them after",
        ),
    ],
)
def test_what_cannot_be_meant_is_told_and_no_window_comes_up(
    words: list[str], said: str, opened: list[dict[str, Any]]
) -> None:
    result = CliRunner().invoke(app, words)
    assert result.exit_code != 0 and said in result.stderr.replace("\n", " ")
    assert opened == []


def test_only_a_signal_that_came_too_early_to_be_ignored_is_kept_quiet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(sys, "__unraisablehook__", told.append)
    early = SimpleNamespace(exc_value=OSError("Signal 15 ignored due to race condition"))
    other = SimpleNamespace(exc_value=OSError("disk full"))
    for what in (early, other):
        _unraisable(what)
    assert told == [other]
