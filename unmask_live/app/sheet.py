"""A card over the darkened stage; Esc, its button or a click beside it closes it."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QHideEvent, QMouseEvent, QResizeEvent, QShowEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from unmask_live.app.controls import label, paint_button, scrolled, tool_button
from unmask_live.app.theme import Theme

_MARGIN = 16
_BORDER = 1
"""Of the card, as the style sheet draws it."""


class Sheet(QFrame):
    """A titled card in the middle of what it covers; scrolls where there is no room.

    Parameters
    ----------
    body : what it shows; its height follows from its width (`QWidget.heightForWidth`)
    width : of the card where there is room, device-independent pixels
    """

    closed = pyqtSignal()

    def __init__(self, title: str, body: QWidget, width: int) -> None:
        super().__init__()
        self.setObjectName("veil")
        self.setAccessibleName(title)
        self._card = QFrame(self)
        self._card.setObjectName("card")
        self._close = tool_button("close", "Close")
        self._close.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._close.clicked.connect(self.hide)
        head = QHBoxLayout()
        head.addWidget(label(title, "title"))
        head.addStretch()
        head.addWidget(self._close)
        scroll = scrolled(body)
        column = QVBoxLayout(self._card)
        column.setContentsMargins(22, 16, 14, 18)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(scroll, 1)
        self._body, self._width, self._scroll = body, width, scroll
        self._column, self._head = column, head

    def apply(self, theme: Theme) -> None:
        """Take a theme's colours."""
        paint_button(self._close, theme)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Take the keyboard, so that arrows scroll."""
        self._arrange()  # only now the style sheet's fonts are known
        self._scroll.setFocus()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Say that it is closed, whichever way."""
        self.closed.emit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Keep the card in the middle."""
        self._arrange()

    def _arrange(self) -> None:
        """Make the card as large as its text needs and the stage allows."""
        width = min(self._width, self.width() - 2 * _MARGIN)
        edges = self._column.contentsMargins()
        text = self._body.heightForWidth(width - edges.left() - edges.right() - 2 * _BORDER)
        self._body.setMinimumHeight(text)  # with less room it scrolls, and is not squashed
        above = edges.top() + self._head.sizeHint().height() + self._column.spacing()
        wanted = above + text + edges.bottom() + 2 * _BORDER
        height = min(wanted, self.height() - 2 * _MARGIN)
        self._card.setGeometry(
            (self.width() - width) // 2, (self.height() - height) // 2, width, height
        )

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Close on a click beside the card; one on it goes no further."""
        at = event.position().toPoint() if event is not None else QPoint()
        if not self._card.geometry().contains(at):
            self.hide()
