"""The banners over the stage: which are shown, for how long, and where."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from unmask_live.app.banner import Banner, Message
from unmask_live.app.theme import DARK, Theme

MOST = 3
"""Banners at a time; the oldest gives way."""
WIDTH = 620
MARGIN = 12
SHARE = 0.2
"""Of the stage's height: below the wipe's handle and most faces."""


class Banners(QWidget):
    """The stack of banners over the stage."""

    changed = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._shown: list[Banner] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.hide()

    @property
    def shown(self) -> list[Banner]:
        """What is on show, oldest first."""
        return list(self._shown)

    def say(self, message: Message) -> None:
        """Show a message, in place of one with the same key or text."""
        for banner in self.shown:
            old = banner.message
            if (message.key and old.key == message.key) or old.text == message.text:
                self._remove(banner)
        while len(self.shown) >= MOST:
            self._remove(self.shown[0])
        banner = Banner(message, self._theme)
        banner.closed.connect(self._remove)
        self._shown.append(banner)
        self._column.addWidget(banner)
        banner.show()  # or the layout would count it in only later, and be placed too low
        if message.passing:
            banner.passing.start()
        self.show()
        self.raise_()
        self.changed.emit()

    def dismiss(self, key: str) -> None:
        """Take the message with this key away, if it is there."""
        for banner in self.shown:
            if banner.message.key == key:
                self._remove(banner)

    def dismiss_last(self) -> bool:
        """Take the newest message away; tell whether there was one."""
        for banner in self.shown[-1:]:
            self._remove(banner)
            return True
        return False

    def apply(self, theme: Theme) -> None:
        """Take a theme's colours."""
        self._theme = theme
        for banner in self.shown:
            banner.apply(theme)

    def place(self, width: int, height: int) -> None:
        """Lie at the bottom of a stage, where faces are not; the oldest hide if there is no room.

        Parameters
        ----------
        width, height : of the stage, device-independent pixels
        """
        own = max(240, min(WIDTH, width - 2 * MARGIN))
        room = SHARE * height
        for place, banner in enumerate(reversed(self._shown)):
            room -= banner.heightForWidth(own) + self._column.spacing()
            banner.setVisible(place == 0 or room >= 0)
        tall = max(1, self._column.heightForWidth(own))
        self.setGeometry((width - own) // 2, height - tall - MARGIN, own, tall)

    def _remove(self, banner: Banner) -> None:
        if banner not in self._shown:  # its time was up when it had been closed already
            return
        self._shown.remove(banner)
        # Python may collect what its timer calls before Qt deletes the timer: it must not fire.
        banner.passing.stop()
        banner.hide()
        banner.deleteLater()
        if not self.shown:
            self.hide()
        self.changed.emit()
