"""The help sheet, made from the table of shortcuts."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QBoxLayout, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from unmask_live.app.controls import label
from unmask_live.app.sheet import Sheet
from unmask_live.app.shortcuts import TABLE, Shortcut

WIDTH = 700
_SCROLL_BAR = 10
_CAUTION = (
    "The lower face is invented by a network, not recovered: it is not what the person looks "
    "like. Show people this way only with their consent."
)


def make_help_sheet() -> Sheet:
    """Return the sheet: every shortcut by group, in two columns."""
    return Sheet("Keyboard and help", _Body(), WIDTH)


class _Body(QWidget):
    """Two columns, or one where two have no room."""

    def __init__(self) -> None:
        super().__init__()
        columns = _columns()
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        for column in columns:
            self._row.addLayout(column, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, _SCROLL_BAR, 0)
        whole.addLayout(self._row)
        whole.addWidget(label(_CAUTION, "note", wrap=True))
        whole.addStretch()

    def heightForWidth(self, width: int) -> int:
        """Return the height for a width, and take the columns that it has room for."""
        self._row.setSpacing(32)
        self._row.setDirection(QBoxLayout.Direction.LeftToRight)
        if self._row.minimumSize().width() > width - _SCROLL_BAR:
            self._row.setSpacing(0)
            self._row.setDirection(QBoxLayout.Direction.TopToBottom)
        return super().heightForWidth(width)


def _columns() -> list[QVBoxLayout]:
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
    for column in columns:
        column.addStretch()
    return columns


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
