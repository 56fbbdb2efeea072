"""The picture: stored, then drawn in ``paintEvent``; with wipe, hold-to-compare and overlays."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTransform,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from unmask_live.app import overlays, raster, signs, wipe
from unmask_live.app.signs import Sign
from unmask_live.app.theme import DARK
from unmask_live.app.timers import timer
from unmask_live.types import Face, Image

HOLD_MS = 160
"""A press this long without a drag shows the original; a double click is shorter."""
DRAG = 5
"""Device-independent pixels the pointer must move before a press counts as a drag."""


class Picture(QWidget):
    """Shows the newest frame as large as fits. Before is left of the wipe, after right of it."""

    wipe_moved = pyqtSignal(float)
    full_screen_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before: Image | None = None
        self._after: Image | None = None
        self._faces: tuple[Face, ...] = ()
        self._composed = raster.Composed()
        self._wipe_on, self._wipe = True, 0.5
        self._comparing = self._ring = False
        self._pressed: QPointF | None = None
        self._dragging = False
        self.mattes = self.boxes = False
        self._signs: tuple[Sign, ...] = ()
        self.dimmed = False
        self._hold = timer(self, HOLD_MS, self._held, once=True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Picture")
        self.setAccessibleDescription("Hold space to see the original; arrow keys move the wipe.")

    def _held(self) -> None:
        self.compare(True)

    def show_frame(self, before: Image, after: Image, faces: Sequence[Face] = ()) -> None:
        """Keep a frame for the next paint: two H×W×3 uint8 RGB of one shape, never written to."""
        self._before, self._after, self._faces = before, after, tuple(faces)
        self.update()

    def clear(self) -> None:
        """Forget the frame."""
        self._before = self._after = None
        self._faces = ()
        self.update()

    @property
    def signs(self) -> tuple[Sign, ...]:
        """What is written at the top, whatever is shown."""
        return self._signs

    @signs.setter
    def signs(self, signs: tuple[Sign, ...]) -> None:
        if signs != self._signs:
            self._signs = signs
            self.update()

    @property
    def wipe(self) -> float:
        """Where the wipe stands, 0 (all after) to 1 (all before)."""
        return self._wipe

    @wipe.setter
    def wipe(self, share: float) -> None:
        share = min(1.0, max(0.0, share))
        if share != self._wipe:
            self._wipe = share
            self.wipe_moved.emit(share)
            self.update()

    @property
    def wipe_on(self) -> bool:
        """Whether there is a wipe at all; without it everything is after."""
        return self._wipe_on

    @wipe_on.setter
    def wipe_on(self, on: bool) -> None:
        self._wipe_on = on
        self.update()

    @property
    def comparing(self) -> bool:
        """Whether the original is shown while something is held."""
        return self._comparing

    def compare(self, on: bool) -> None:
        """Show the original, or no more."""
        self._comparing = on
        self.update()

    def place(self) -> QRectF:
        """Return where the frame lies, device-independent pixels; empty without a frame."""
        place, ratio = self._place(), self.devicePixelRatioF()
        return QRectF(place.x / ratio, place.y / ratio, place.width / ratio, place.height / ratio)

    def sizeHint(self) -> QSize:
        """Ask for 720p's shape."""
        return QSize(960, 540)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the stored frame and what lies over it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(DARK.stage))
        if self._before is None or self._after is None:
            return
        place, ratio = self._place(), self.devicePixelRatioF()
        if not place.width:
            return
        column = self._column(self._after.shape[1])
        pixels = self._composed(self._before, self._after, column, place.width, place.height)
        area = self.place()
        painter.drawImage(area.topLeft(), raster.as_qimage(pixels, ratio))
        scale = place.scale / ratio
        to_widget = QTransform(scale, 0, 0, scale, area.x(), area.y())
        painter.setClipRect(area)
        if self.mattes:
            overlays.draw_mattes(painter, self._faces, to_widget)
        if self.boxes:
            overlays.draw_boxes(painter, self._faces, to_widget)
        if self.dimmed:
            painter.fillRect(area, QColor(8, 9, 11, 150))
        if self._comparing:
            wipe.draw_label(painter, area, wipe.BEFORE, left=True)
        elif self._wipe_on:
            wipe.draw(painter, area, self._wipe, focused=self._ring and self.hasFocus())
        labelled = self._comparing or self._wipe_on
        signs.draw(painter, area, self._signs, wipe.corner(painter) if labelled else 0.0)

    def _place(self) -> raster.Place:
        ratio = self.devicePixelRatioF()
        room = (round(self.width() * ratio), round(self.height() * ratio))
        if self._after is None:
            return raster.fit((0, 0), room)
        return raster.fit((self._after.shape[1], self._after.shape[0]), room)

    def _column(self, width: int) -> int:
        """Return up to which column of a frame before is shown."""
        if self._comparing:
            return width
        return round(self._wipe * width) if self._wipe_on else 0

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take the wipe's handle, or wait whether this is a hold."""
        if event is None or event.button() != Qt.MouseButton.LeftButton or self._after is None:
            return
        self._pressed = event.position()
        self._dragging = self._near_wipe(event.position())
        if not self._dragging:
            self._hold.start()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Drag the wipe, or show that it can be."""
        if event is None:
            return
        at = event.position()
        if self._pressed is None:
            near = self._near_wipe(at)
            self.setCursor(Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor)
            return
        moved = (at - self._pressed).manhattanLength() > DRAG
        if moved and self._wipe_on and not self._comparing:
            self._hold.stop()
            self._dragging = True
        if self._dragging:
            area = self.place()
            self.wipe = (at.x() - area.x()) / max(1.0, area.width())

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Let go."""
        self._let_go()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Ask for the full screen."""
        self._let_go()
        self.full_screen_wanted.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Hold space to compare; arrows, Home and End move the wipe."""
        if event is None:
            return
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self.compare(True)
            return
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        goal = wipe.moved(self._wipe, event.key(), far=far)
        if goal is None or not self._wipe_on:
            super().keyPressEvent(event)
        else:
            self.wipe = goal

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:
        """End the comparison."""
        if event is None:
            return
        if event.key() != Qt.Key.Key_Space:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self.compare(False)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Draw the ring round the handle if the keyboard brought the focus."""
        reasons = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._ring = event is not None and event.reason() in reasons
        self.update()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """A key that is released elsewhere must not leave the original on show."""
        self._let_go()
        self.update()

    def _let_go(self) -> None:
        self._hold.stop()
        self._pressed, self._dragging = None, False
        self.compare(False)

    def _near_wipe(self, at: QPointF) -> bool:
        return self._wipe_on and wipe.near(self.place(), self._wipe, at)
