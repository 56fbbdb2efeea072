"""The wipe's looks and geometry: a line with a handle, and a label on either side."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from unmask_live.app.theme import ON_STAGE_ACCENT

BEFORE = "before"
AFTER = "after, AI-reconstructed"
REACH = 16.0
"""How far from the line the pointer takes it, device-independent pixels."""
STEP, FAR_STEP = 0.01, 0.1
_RADIUS = 15.0
_HEIGHT = 0.76
"""Where on the line the handle sits: below most faces, above the banners."""
_MARGIN = 12.0


def moved(share: float, key: int, *, far: bool) -> float | None:
    """Return where an arrow key, Home or End puts the wipe; None for other keys."""
    step = FAR_STEP if far else STEP
    goals = {
        int(Qt.Key.Key_Left): share - step,
        int(Qt.Key.Key_Right): share + step,
        int(Qt.Key.Key_Home): 0.0,
        int(Qt.Key.Key_End): 1.0,
    }
    return goals.get(int(key))


def near(area: QRectF, share: float, at: QPointF) -> bool:
    """Tell whether ``at`` takes the line that stands at ``share`` of ``area``."""
    x = area.x() + share * area.width()
    return not area.isEmpty() and area.top() <= at.y() <= area.bottom() and abs(at.x() - x) <= REACH


def draw(painter: QPainter, area: QRectF, share: float, *, focused: bool) -> None:
    """Draw line, handle and labels over the picture at ``area``."""
    x = area.x() + share * area.width()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 70))
    painter.drawRect(QRectF(x - 2, area.y(), 4, area.height()))
    painter.setBrush(QColor(255, 255, 255, 235))
    painter.drawRect(QRectF(x - 0.75, area.y(), 1.5, area.height()))
    _draw_handle(painter, QPointF(x, area.y() + _HEIGHT * area.height()), focused)
    painter.restore()
    _label_if_room(painter, area, BEFORE, left=True, room=x - area.left())
    _label_if_room(painter, area, AFTER, left=False, room=area.right() - x)


def draw_label(painter: QPainter, area: QRectF, text: str, *, left: bool) -> None:
    """Draw ``text`` in a dark pill in an upper corner of ``area``."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pill = QRectF(area.x(), area.y() + _MARGIN, *_size(painter, text))
    if left:
        pill.moveLeft(area.left() + _MARGIN)
    else:
        pill.moveRight(area.right() - _MARGIN)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(10, 11, 13, 190))
    painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def corner(painter: QPainter) -> float:
    """Return how much of an upper corner the longer of the two labels takes."""
    return _size(painter, AFTER)[0] + 2 * _MARGIN


def _label_if_room(painter: QPainter, area: QRectF, text: str, *, left: bool, room: float) -> None:
    if room >= _size(painter, text)[0] + 2 * _MARGIN:
        draw_label(painter, area, text, left=left)


def _size(painter: QPainter, text: str) -> tuple[float, float]:
    metrics = QFontMetricsF(painter.font())
    return metrics.horizontalAdvance(text) + 22, metrics.height() + 9


def _draw_handle(painter: QPainter, centre: QPointF, focused: bool) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 60))
    painter.drawEllipse(centre + QPointF(0, 1), _RADIUS + 2, _RADIUS + 2)
    painter.setBrush(QColor(255, 255, 255))
    ring = QPen(QColor(ON_STAGE_ACCENT), 3) if focused else QPen(Qt.PenStyle.NoPen)
    painter.setPen(ring)
    painter.drawEllipse(centre, _RADIUS, _RADIUS)
    arrows = QPainterPath()
    for way in (-1, 1):
        arrows.moveTo(centre + QPointF(4 * way, -4))
        arrows.lineTo(centre + QPointF(8 * way, 0))
        arrows.lineTo(centre + QPointF(4 * way, 4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(QColor("#20242b"), 1.8)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.drawPath(arrows)
