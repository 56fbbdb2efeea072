"""A banner: what happened, what to do about it, and a button that does it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from unmask_live.app import icons
from unmask_live.app.controls import label, paint_button, push_button, tool_button
from unmask_live.app.theme import Theme
from unmask_live.app.timers import timer

PASSING_MS = 8000
"""How long a banner that needs nothing from the user stays."""
_COMMAND = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Message:
    """What a banner says.

    Attributes
    ----------
    text : one sentence; a command in it stands between backticks and can be copied
    level : "info", "good", "warning" or "bad"
    key : a later message with the same key takes this one's place
    buttons : (text, what it does) each; pressing one closes the banner
    passing : whether it goes by itself
    """

    text: str
    level: str = "info"
    key: str = ""
    buttons: tuple[tuple[str, Callable[[], None]], ...] = ()
    passing: bool = False


class Banner(QFrame):
    """One message with its buttons."""

    closed = pyqtSignal(object)  # itself

    def __init__(self, message: Message, theme: Theme) -> None:
        super().__init__()
        self.message = message
        self.setObjectName("banner")
        self.setAccessibleName(message.text)
        self._sign = QLabel()
        self._sign.setFixedWidth(icons.SIZE)
        self.words = label(_rich(message.text), wrap=True)
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._close = tool_button("close", "Dismiss")
        self._close.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._close.setProperty("compact", True)
        self._close.clicked.connect(self.dismiss)
        self.buttons = [self._button(*each) for each in message.buttons]
        commands = _COMMAND.findall(message.text)
        if commands:
            name = "Copy command" if len(commands) == 1 else "Copy commands"
            self.buttons.append(self._button(name, lambda: _copy("\n".join(commands)), False))
        self.passing = timer(self, PASSING_MS, self.dismiss, once=True)
        self._lay_out()
        self.apply(theme)

    def dismiss(self) -> None:
        """Ask to be closed."""
        self.closed.emit(self)

    def apply(self, theme: Theme) -> None:
        """Take a theme's colours."""
        colour = {"good": theme.good, "warning": theme.warning, "bad": theme.bad}
        level = self.message.level
        shape = {"good": "good", "info": "info"}.get(level, "warning")
        ratio = self.devicePixelRatioF()
        self._sign.setPixmap(icons.pixmap(shape, colour.get(level, theme.accent), ratio=ratio))
        paint_button(self._close, theme)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 8, 8)
        row.setSpacing(12)
        row.addWidget(self._sign)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(self.words)
        if self.buttons:
            under = QHBoxLayout()
            under.setSpacing(6)
            for button in self.buttons:
                under.addWidget(button)
            under.addStretch()
            column.addLayout(under)
        row.addLayout(column, 1)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)

    def _button(self, text: str, act: Callable[[], None], closes: bool = True) -> QPushButton:
        button = push_button(text)

        def pressed() -> None:
            if closes:
                self.closed.emit(self)
            act()

        button.clicked.connect(pressed)
        return button


def _rich(text: str) -> str:
    if text.split(" ")[0].isalpha():
        text = text[:1].upper() + text[1:]  # errors are worded to follow "error: "
    return _COMMAND.sub(r"<code>\1</code>", html.escape(text, quote=False))


def _copy(text: str) -> None:
    clipboard = QGuiApplication.clipboard()
    if clipboard is not None:
        clipboard.setText(text)
