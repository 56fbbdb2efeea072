"""What may be drawn over the picture: mattes, boxes and track ids; never into the frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPolygonF, QTransform

from unmask_live.app.theme import ON_STAGE_ACCENT
from unmask_live.types import Face, Floats

TINT = (255, 64, 170)
"""Colour of the matte, RGB: one that masks and skin rarely have."""
_STRENGTH = 0.5


def draw_mattes(painter: QPainter, faces: Sequence[Face], place: QTransform) -> None:
    """Tint what was replaced and outline it; ``place`` maps frame pixels to the widget's."""
    for face in faces:
        if not face.matte.any():
            continue
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setTransform(_back(face.transform) * place, True)
        tint = _tint(face.matte)
        height, width = face.matte.shape
        pixels: Any = tint.data  # Qt's stubs name other types from version to version
        kind = QImage.Format.Format_RGBA8888_Premultiplied
        painter.drawImage(QPointF(0, 0), QImage(pixels, width, height, 4 * width, kind))
        pen = QPen(QColor(*TINT), 1.5)
        pen.setCosmetic(True)
        painter.setPen(pen)
        for outline in _outlines(face.matte):
            painter.drawPolygon(outline)
        painter.restore()


def draw_boxes(painter: QPainter, faces: Sequence[Face], place: QTransform) -> None:
    """Draw each face's box, keypoints and a tag with its track id."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = QColor(ON_STAGE_ACCENT)
    metrics = QFontMetricsF(painter.font())
    for face in faces:
        x0, y0, x1, y1 = face.box
        box = place.mapRect(QRectF(x0, y0, x1 - x0, y1 - y0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 1.5))
        painter.drawRoundedRect(box, 8, 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        for x, y in face.keypoints:
            painter.drawEllipse(place.map(QPointF(float(x), float(y))), 2.2, 2.2)
        text = f"{face.track_id}  {'mask' if face.masked else 'no mask'}"
        tag = QRectF(0, 0, metrics.horizontalAdvance(text) + 16, metrics.height() + 6)
        tag.moveBottomLeft(box.topLeft() + QPointF(0, -5))
        if tag.top() < 0:
            tag.moveTopLeft(box.topLeft() + QPointF(6, 6))
        painter.drawRoundedRect(tag, 6, 6)
        painter.setPen(QColor("#0b1220"))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def _back(transform: Floats) -> QTransform:
    """Return crop pixels to frame pixels, from the (2, 3) that leads the other way."""
    a = transform.astype(float)
    forward = QTransform(a[0, 0], a[1, 0], a[0, 1], a[1, 1], a[0, 2], a[1, 2])
    back, _ = forward.inverted()
    return back


def _tint(matte: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return (H, W, 4) premultiplied RGBA."""
    strength = (np.clip(matte, 0, 1) * _STRENGTH)[..., None]
    made = strength * np.array([*TINT, 255], np.float32) + 0.5
    return np.ascontiguousarray(made.astype(np.uint8))


def _outlines(matte: Floats) -> list[QPolygonF]:
    inside = (matte > 0.5).astype(np.uint8)
    found, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_TC89_L1)
    return [
        QPolygonF([QPointF(float(x) + 0.5, float(y) + 0.5) for x, y in line[:, 0]])
        for line in found
        if len(line) > 2
    ]
