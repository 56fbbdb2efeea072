from __future__ import annotations

from collections.abc import Callable

import pytest
from PyQt6.QtGui import QShortcut
from PyQt6.QtWidgets import QLabel, QScrollArea
from pytestqt.qtbot import QtBot

from unmask_live.app.help_sheet import make_help_sheet
from unmask_live.app.shortcuts import TABLE, by_name, tip
from unmask_live.app.window import Window


def test_the_help_sheet_lists_every_shortcut(qtbot: QtBot) -> None:
    sheet = make_help_sheet()
    qtbot.addWidget(sheet)
    shown = [each.text() for each in sheet.findChildren(QLabel)]
    for entry in TABLE:
        assert entry.text in shown
        assert entry.shown in shown
        assert entry.group.upper() in shown


@pytest.mark.parametrize(("size", "scrolls"), [((1180, 760), False), ((640, 420), True)])
def test_the_help_sheet_is_whole_or_scrolls_and_never_squashed(
    open_window: Callable[..., Window], qtbot: QtBot, size: tuple[int, int], scrolls: bool
) -> None:
    window = open_window()
    window.resize(*size)
    window.help.show()
    qtbot.wait(50)
    area = window.help.findChild(QScrollArea)
    assert area.verticalScrollBar().isVisible() is scrolls
    for each in area.findChildren(QLabel):
        assert each.wordWrap() or each.height() >= each.sizeHint().height(), each.text()
        assert each.wordWrap() or each.width() >= each.sizeHint().width(), each.text()
        right = each.mapTo(area, each.rect().topRight()).x()
        assert right <= area.width(), each.text()


def test_no_key_does_two_things_and_every_key_does_one(
    open_window: Callable[..., Window],
) -> None:
    window = open_window()
    keys = [key for entry in TABLE for key in entry.keys if entry.name]
    assert len(keys) == len(set(keys))
    made = {shortcut.key().toString() for shortcut in window.findChildren(QShortcut)}
    assert made == set(keys)
    assert {entry.name for entry in TABLE if entry.name} == set(window.actions_.deeds)


def test_tooltips_name_the_key() -> None:
    assert tip("record") == "Record, or end the recording (R)"
    with pytest.raises(KeyError):
        by_name("")


def test_buttons_have_names_and_tooltips(open_window: Callable[..., Window]) -> None:
    for button in open_window().toolbar.buttons:
        assert button.accessibleName()
        assert button.toolTip()
