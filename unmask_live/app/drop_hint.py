"""What the stage shows while a file is dragged over the window."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from unmask_live.app import icons
from unmask_live.app.theme import DARK, ON_STAGE_ACCENT

TEXT = "Drop to take the masks off"


class DropHint(QWidget):
    """A dashed frame with one line."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(TEXT)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Darken the stage and draw frame, sign and text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(6, 7, 9, 190))
        painter.setPen(QPen(QColor(ON_STAGE_ACCENT), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(24, 24, -24, -24), 16, 16)
        middle = self.rect().center()
        sign = icons.pixmap("convert", ON_STAGE_ACCENT, 48, self.devicePixelRatioF())
        painter.drawPixmap(middle.x() - 24, middle.y() - 52, sign)
        font = painter.font()
        font.setPixelSize(18)
        painter.setFont(font)
        painter.setPen(QColor(DARK.on_stage))
        below = QRectF(0, middle.y() + 8, self.width(), 32)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, TEXT)
