from __future__ import annotations

import threading

from pytestqt.qtbot import QtBot
from windows import PATIENCE

from unmask_live.app.tasks import Tasks


def test_the_outcome_is_told_in_the_gui_thread(qtbot: QtBot) -> None:
    tasks, told = Tasks(), []
    here = threading.current_thread()

    def tell(outcome: object) -> None:
        told.append((outcome, threading.current_thread() is here))

    tasks.run(lambda: threading.current_thread().name, tell, tell, name="look")
    error = OSError("no")

    def fail() -> None:
        raise error

    tasks.run(fail, tell, tell, keep=True)
    qtbot.waitUntil(lambda: len(told) == 2, timeout=PATIENCE)
    assert set(told) == {("unmask-look", True), (error, True)}
    qtbot.waitUntil(lambda: not tasks.busy, timeout=PATIENCE)


def test_what_was_dropped_is_not_told(qtbot: QtBot) -> None:
    tasks, told, go = Tasks(), [], threading.Event()
    tasks.run(lambda: go.wait(30), told.append, told.append)
    assert not tasks.busy
    tasks.run(lambda: go.wait(30), told.append, told.append, keep=True)
    assert tasks.busy
    tasks.drop()
    go.set()
    qtbot.waitUntil(lambda: not tasks.busy, timeout=PATIENCE)
    qtbot.wait(1)
    assert told == []
