from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QTimer
from pytestqt.qtbot import QtBot
from windows import PATIENCE

from unmask_live.app import trouble
from unmask_live.errors import UserError


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "logs" / "unmask_live.log"
    trouble.set_log(path)
    yield path
    trouble.set_log(None)


def test_what_the_user_can_mend_is_told_as_it_is(log: Path) -> None:
    assert trouble.sentence(UserError("plug it in")) == "plug it in"
    assert trouble.sentence(FileNotFoundError(2, "No such file", "a")) == "a: No such file"
    assert not log.exists()


def test_a_bug_is_one_sentence_and_its_trace_is_in_the_log(log: Path) -> None:
    try:
        raise ValueError("line one\nline two")
    except ValueError as error:
        said = trouble.sentence(error)
    assert said == (
        f"something went wrong (ValueError: line one line two); the details are in {log}"
    )
    assert "Traceback" in log.read_text()
    trouble.sentence(KeyError("again"))
    assert log.read_text().count("KeyError") == 1
    assert "ValueError" in log.read_text()


def test_the_log_does_not_grow_for_ever(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trouble, "MOST_BYTES", 300)
    for number in range(30):
        trouble.write_log(ValueError(f"number {number} " + "x" * 50))
    assert log.stat().st_size < 600
    assert "number 29" in log.read_text()


def test_without_a_place_to_write_it_is_still_told(tmp_path: Path, log: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    assert "ValueError: x" in trouble.sentence(ValueError("x"))


def test_an_error_in_a_slot_or_a_thread_is_told_and_the_program_goes_on(qtbot: QtBot) -> None:
    told: list[str] = []
    before = sys.excepthook
    with trouble.caught(told.append):
        QTimer.singleShot(0, lambda: 1 / 0)
        qtbot.waitUntil(lambda: len(told) == 1, timeout=PATIENCE)
        thread = threading.Thread(target=lambda: [][1])
        thread.start()
        thread.join()
    assert "ZeroDivisionError" in told[0]
    assert "IndexError" in told[1]
    assert sys.excepthook is before
