"""The help sheet, made from the table of shortcuts."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from unmask_live.app.controls import label
from unmask_live.app.sheet import Sheet
from unmask_live.app.shortcuts import TABLE, Shortcut

WIDTH = 700
_CAUTION = (
    "The lower face is invented by a network, not recovered: it is not what the person looks "
    "like. Show people this way only with their consent."
)


def make_help_sheet() -> Sheet:
    """Return the sheet: every shortcut by group, in two columns."""
    body = QWidget()
    groups = list(dict.fromkeys(entry.group for entry in TABLE))
    columns = [QVBoxLayout(), QVBoxLayout()]
    for column in columns:
        column.setSpacing(8)
    for number, group in enumerate(groups):
        column = columns[2 * number // len(groups)]
        heading = label(group.upper(), "heading")
        heading.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        column.addWidget(heading)
        column.addLayout(_rows([entry for entry in TABLE if entry.group == group]))
        column.addSpacing(14)
    row = QHBoxLayout()
    row.setSpacing(32)
    for column in columns:
        column.addStretch()
        row.addLayout(column, 1)
    whole = QVBoxLayout(body)
    whole.setContentsMargins(0, 0, 10, 0)
    whole.addLayout(row)
    whole.addWidget(label(_CAUTION, "note", wrap=True))
    return Sheet("Keyboard and help", body, WIDTH)


def _rows(entries: list[Shortcut]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(5)
    grid.setColumnStretch(1, 1)
    for place, entry in enumerate(entries):
        keys = label(entry.shown, "key")
        keys.setAlignment(Qt.AlignmentFlag.AlignCenter)
        grid.addWidget(keys, place, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(label(entry.text), place, 1)
    return grid
