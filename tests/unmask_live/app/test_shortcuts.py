from __future__ import annotations

from collections.abc import Callable

import pytest
from PyQt6.QtGui import QShortcut
from PyQt6.QtWidgets import QLabel
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
