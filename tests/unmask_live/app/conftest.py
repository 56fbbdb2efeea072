"""The window as users have it, offscreen, with settings of its own and cameras that tests make."""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt makes its application

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QSettings, QStandardPaths
from pytestqt.qtbot import QtBot
from windows import PATIENCE, threads_after

from unmask_live.app.preferences import Memory
from unmask_live.app.session import Session
from unmask_live.app.sources import Found, SourceButton
from unmask_live.app.tasks import Tasks
from unmask_live.app.window import Parts, Window
from unmask_live.live import Live


@pytest.fixture
def store(tmp_path: Path) -> Callable[[], QSettings]:
    """Opens one settings file, again and again."""
    QStandardPaths.setTestModeEnabled(True)
    return lambda: QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def open_window(
    qtbot: QtBot, store: Callable[[], QSettings], tmp_path: Path
) -> Iterator[Callable[..., Window]]:
    """Makes windows; when the test is over they are closed, and no thread may be left."""
    made: list[Window] = []

    def build(
        *,
        found: Found | None = None,
        open_source: Callable[..., object] | None = None,
        unmasker: Callable[[], object] | None = None,
        **values: object,
    ) -> Window:
        memory = Memory(store())
        memory.override(folder=str(tmp_path / "out"), **values)
        tasks = Tasks()
        more = {} if open_source is None else {"open_source": open_source}
        if unmasker is not None:
            more["make_live"] = lambda *a, **k: Live(*a, unmasker=unmasker, **k)
        session = Session(tasks, **more)
        source = SourceButton(tasks, lambda: Found() if found is None else found)
        window = Window(Parts(memory, tasks, session, source))
        made.append(window)
        window.show()
        window.activateWindow()  # keys go to the active window only
        qtbot.waitUntil(window.isActiveWindow, timeout=PATIENCE)
        return window

    yield build
    for window in made:
        if window.isVisible():
            window.close()
            qtbot.waitUntil(lambda w=window: not w.isVisible(), timeout=PATIENCE)
        window.deleteLater()
    assert threads_after(5.0) == []
