from __future__ import annotations

import gc

import pytest
from PyQt6.QtCore import QObject
from pytestqt.qtbot import QtBot
from windows import PATIENCE

from unmask_live.app.timers import timer


class Counter(QObject):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.count = 0
        timer(self, 1, self.tick).start()

    def tick(self) -> None:
        self.count += 1


def test_it_calls_again_and_again(qtbot: QtBot) -> None:
    counter = Counter()
    qtbot.waitUntil(lambda: counter.count > 3, timeout=PATIENCE)


def test_a_collected_owner_is_called_no_more(qtbot: QtBot) -> None:
    parent = QObject()
    Counter(parent)
    gc.collect()
    qtbot.wait(20)
    parent.deleteLater()
    del parent
    gc.collect()
    qtbot.wait(20)  # it would crash here


def test_what_holds_its_owner_is_refused(qtbot: QtBot) -> None:
    parent = QObject()
    with pytest.raises(TypeError, match="closure"):
        timer(parent, 1, lambda: parent.objectName())
