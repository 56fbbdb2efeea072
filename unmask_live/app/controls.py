"""Small controls that Qt has not, or not in this shape: switch, list with arrow, icon button."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QFrame,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)

from unmask_live.app import icons
from unmask_live.app.theme import DARK, Theme


class Switch(QAbstractButton):
    """A checkable button that looks like a switch; space toggles it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(44, 28)

    def apply(self, theme: Theme) -> None:
        """Take a theme's colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return the fixed size."""
        return QSize(44, 28)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw track, knob and focus ring."""
        theme, on = self._theme, self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(4, 4, 36, 20)
        painter.setPen(QPen(QColor(theme.accent if on else theme.muted), 1.5))
        painter.setBrush(QColor(theme.accent if on else theme.raised))
        painter.drawRoundedRect(track, 10, 10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.on_accent if on else theme.muted))
        painter.drawEllipse(QPointF(30 if on else 14, 14), 6.5, 6.5)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(1, 1, 42, 26), 13, 13)


class Choice(QComboBox):
    """A drop-down list of (value, text); the style sheet's arrow would need a file."""

    def __init__(self, name: str, options: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._theme = DARK
        self.setAccessibleName(name)
        for value, text in options:
            self.addItem(text, value)

    def apply(self, theme: Theme) -> None:
        """Take a theme's colours."""
        self._theme = theme
        self.update()

    @property
    def value(self) -> str:
        """The chosen option's value."""
        return str(self.currentData() or "")

    @value.setter
    def value(self, value: str) -> None:
        place = self.findData(value)
        if place < 0:  # from an older version, or set by hand in the file
            self.addItem(value, value)
            place = self.count() - 1
        self.setCurrentIndex(place)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the box, then the arrow."""
        super().paintEvent(event)
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        arrow = icons.pixmap("chevron", self._theme.muted, 14, ratio)
        painter.drawPixmap(QPointF(self.width() - 24, (self.height() - 14) / 2), arrow)


def tool_button(shape: str, name: str, *, role: str = "", checkable: bool = False) -> QToolButton:
    """Return a flat button for the toolbar; `paint_button` gives it its icon."""
    button = QToolButton()
    set_up(button, shape, name, role=role)
    button.setCheckable(checkable)
    return button


def set_up(button: QToolButton, shape: str, name: str, *, role: str = "") -> None:
    """Make any QToolButton one as `tool_button` returns."""
    button.setProperty("shape", shape)
    button.setProperty("role", role)
    set_text(button, name)
    button.setIconSize(QSize(icons.SIZE, icons.SIZE))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setCursor(Qt.CursorShape.PointingHandCursor)


def set_text(button: QToolButton, text: str) -> None:
    """Name a button, a little apart from its icon."""
    button.setText(f"\u2009{text}")
    button.setAccessibleName(text)


def paint_button(button: QToolButton, theme: Theme) -> None:
    """Give a `tool_button` its icon in the theme's colours."""
    role = button.property("role")
    colour, checked = theme.text, theme.accent
    if role == "primary":
        colour = checked = theme.on_accent
    elif role == "record":
        colour, checked = theme.bad, "#1d0705" if theme.name == "dark" else "#ffffff"
    made = icons.icon(button.property("shape"), colour, checked=checked, disabled=theme.muted)
    button.setIcon(made)


def popup(parent: QWidget) -> QMenu:
    """Return an empty menu whose corners are round, not square behind round ones."""
    made = QMenu(parent)
    made.setWindowFlags(
        made.windowFlags()
        | Qt.WindowType.FramelessWindowHint
        | Qt.WindowType.NoDropShadowWindowHint
    )
    made.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
    return made


def push_button(text: str, role: str = "plain") -> QPushButton:
    """Return a text button, "plain" or "primary"."""
    button = QPushButton(text)
    button.setProperty("role", role)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button


def label(text: str, role: str = "", *, wrap: bool = False) -> QLabel:
    """Return a text; ``role`` is the style sheet's ("title", "heading", "note", "key")."""
    made = QLabel(text)
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    return made


def scrolled(body: QWidget) -> QScrollArea:
    """Return ``body`` in what scrolls up and down, without a ground of its own."""
    area = QScrollArea()
    body.setObjectName("scrolled")
    area.setWidget(body)
    viewport = area.viewport()
    if viewport is not None:
        viewport.setObjectName("viewport")
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area


def set_role(widget: QWidget, role: str) -> None:
    """Change the role and let the style sheet see it."""
    widget.setProperty("role", role)
    style = widget.style()
    if style is not None:
        style.unpolish(widget)
        style.polish(widget)
