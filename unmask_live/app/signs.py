"""Signs at the top of the picture: what must be seen even where no button is, as in full screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter

MASKS_ON = "Masks stay on: U takes them off"
SENDING = "Virtual camera"
_TOP = 12.0
_GAP = 8.0
_DOT = 9.0


@dataclass(frozen=True)
class Sign:
    """A few words in a pill, with a dot of ``colour`` (#rrggbb) before them."""

    text: str
    colour: str


def recording(seconds: float) -> str:
    """Return what a recording's sign says, as ``REC 01:07``."""
    whole = int(seconds)
    return f"REC {whole // 60:02}:{whole % 60:02}"


def draw(painter: QPainter, area: QRectF, signs: Sequence[Sign], beside: float) -> None:
    """Draw the signs in the middle of the top of ``area``, device-independent pixels.

    Parameters
    ----------
    beside : how much of either upper corner is taken; where it leaves no room they go below
    """
    if not signs:
        return
    metrics = QFontMetricsF(painter.font())
    height = metrics.height() + 9
    widths = [metrics.horizontalAdvance(sign.text) + 22 + _DOT + 7 for sign in signs]
    whole = sum(widths) + _GAP * (len(signs) - 1)
    at = QPointF(area.center().x() - whole / 2, area.top() + _TOP)
    if whole > area.width() - 2 * beside:
        at.setY(at.y() + height + _GAP)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for sign, width in zip(signs, widths, strict=True):
        _draw_one(painter, QRectF(at.x(), at.y(), width, height), sign)
        at.setX(at.x() + width + _GAP)
    painter.restore()


def _draw_one(painter: QPainter, pill: QRectF, sign: Sign) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(10, 11, 13, 190))
    painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
    painter.setBrush(QColor(sign.colour))
    dot = QRectF(pill.x() + 11, pill.center().y() - _DOT / 2, _DOT, _DOT)
    painter.drawEllipse(dot)
    painter.setPen(QColor(255, 255, 255))
    words = pill.adjusted(11 + _DOT + 7, 0, -11, 0)
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, sign.text)
