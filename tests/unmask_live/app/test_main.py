from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import Negative
from live_source import FedSource
from PyQt6.QtCore import QSettings, QTimer
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from unmask_live.app import main
from unmask_live.app.preferences import Memory
from unmask_live.app.session import Session
from unmask_live.app.sources import Found, SourceButton
from unmask_live.app.tasks import Tasks
from unmask_live.app.window import Parts, Window
from unmask_live.live import Live


def test_it_opens_runs_what_is_asked_for_and_ends(
    qtbot: QtBot, store: Callable[[], QSettings], tmp_path: Path
) -> None:
    asked: list[tuple[object, ...]] = []
    inpainters: list[str] = []
    finders: list[str] = []
    seen: list[Window] = []

    def open_source(spec: str, *, size: object, fps: object, mirror: bool) -> FedSource:
        asked.append((spec, size, fps, mirror))
        source = FedSource(spec)
        source.feed()
        return source

    def make_live(*args: object, **kwargs: object) -> Live:
        inpainters.append(kwargs["settings"].inpainter)
        finders.append(kwargs["finder"])
        return Live(*args, unmasker=Negative, **kwargs)

    tasks = Tasks()
    session = Session(tasks, open_source, make_live)
    parts = Parts(Memory(store()), tasks, session, SourceButton(tasks, Found))

    def close_when_it_plays() -> None:
        windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, Window)]
        for window in windows:
            if window.picture_on:
                seen.append(window)
                window.close()

    timer = QTimer()
    timer.timeout.connect(close_when_it_plays)
    timer.start(20)
    QTimer.singleShot(60_000, QApplication.quit)
    hook = sys.excepthook
    code = main.run(
        "clip.mp4",
        size=(640, 480),
        fps=15,
        mirror=True,
        inpainter="inpainter-small",
        finder="mediapipe",
        parts=parts,
    )
    timer.stop()
    assert code == 0
    assert seen
    assert asked == [("clip.mp4", (640, 480), 15, True)]
    assert sys.excepthook is hook
    assert (inpainters, finders) == (["inpainter-small"], ["mediapipe"])
    again = Memory(store()).load()
    assert (again.source, again.inpainter) == ("", "inpainter")
    seen[0].deleteLater()


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        env={**kept, **environment},
        cwd=Path(__file__).parents[3],
    )


def test_without_pyqt_one_sentence_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['PyQt6'] = None\n"
        "from unmask_live.app.main import run\n"
        "from unmask_live import UserError\n"
        "try: run()\n"
        "except UserError as error: print(error)"
    )
    ended = run_python(code)
    assert ended.stdout.strip() == main.MISSING
    assert ended.returncode == 0, ended.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there always is a screen")
def test_without_a_screen_one_sentence_says_so() -> None:
    code = (
        "from unmask_live.app.main import run\n"
        "from unmask_live import UserError\n"
        "try: run()\n"
        "except UserError as error: print(error)"
    )
    ended = run_python(code)
    assert "there is no screen" in ended.stdout
    assert ended.returncode == 0, ended.stderr


def test_a_library_that_qt_lacks_is_named() -> None:
    said = main._unlinked("libEGL.so.1: cannot open shared object file: No such file")
    assert "libEGL.so.1 is missing" in said
    assert "`sudo apt install " in said
