"""The toolbar: source, start, looks, outputs, settings, help."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from unmask_live.app.controls import label, paint_button, set_role, set_text, tool_button
from unmask_live.app.shortcuts import tip
from unmask_live.app.sources import SourceButton
from unmask_live.app.theme import Theme

HEIGHT = 54
ROOMY = 1060
"""From this width on the outputs' buttons carry their names, device-independent pixels."""


class Toolbar(QFrame):
    """The buttons; the window connects them."""

    def __init__(self, source: SourceButton, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("toolbar")
        self.setFixedHeight(HEIGHT)
        self._live = self._ready = True
        self.source = source
        self.start = tool_button("play", "Start", role="primary")
        self.wipe = tool_button("wipe", "Wipe", checkable=True)
        self.overlay = tool_button("overlay", "Overlays")
        self.overlay.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.record = tool_button("record", "Record", role="record", checkable=True)
        self.snapshot = tool_button("snapshot", "Snapshot")
        self.virtual = tool_button("virtual", "Virtual camera", checkable=True)
        self.settings = tool_button("settings", "Settings", checkable=True)
        self.help = tool_button("help", "Help")
        self._named = (self.record, self.snapshot, self.virtual)
        self._bare = (self.wipe, self.overlay, self.settings, self.help)
        for button, name in (
            (self.start, "start"),
            (self.wipe, "wipe"),
            (self.record, "record"),
            (self.snapshot, "snapshot"),
            (self.virtual, "virtual"),
            (self.settings, "settings"),
            (self.help, "help"),
        ):
            button.setToolTip(tip(name))
        self.overlay.setToolTip("What to draw over the picture")
        self._lay_out()

    @property
    def buttons(self) -> tuple[QToolButton, ...]:
        """All of them, left to right."""
        return (self.source, self.start, self.wipe, self.overlay, *self._named,
                self.settings, self.help)  # fmt: skip

    def apply(self, theme: Theme) -> None:
        """Take a theme's colours."""
        self._theme = theme
        self.source.apply(theme)
        for button in self.buttons[1:]:
            paint_button(button, theme)

    def show_running(self, running: bool, *, ready: bool = True) -> None:
        """Make the first button stop what runs, or start; ``ready`` is False while it ends."""
        set_text(self.start, "Stop" if running else "Start")
        self.start.setProperty("shape", "stop" if running else "play")
        set_role(self.start, "plain" if running else "primary")
        self._ready = ready
        self.start.setEnabled(self._live and ready)
        paint_button(self.start, self._theme)

    def show_page(self, *, live: bool) -> None:
        """Offer what concerns the live picture only while that is on the stage."""
        self._live = live
        for button in (self.source, self.record, self.snapshot, self.overlay):
            button.setEnabled(live)
        self.start.setEnabled(live and self._ready)

    def show_recording(self, seconds: float | None) -> None:
        """Show how long the recording is; None when there is none."""
        self.record.setChecked(seconds is not None)
        text = "Record" if seconds is None else f"{int(seconds) // 60:02}:{int(seconds) % 60:02}"
        set_text(self.record, text)
        self.record.setAccessibleDescription("" if seconds is None else "recording")
        self._fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Leave out the names where there is no room."""
        self._fit()

    def _fit(self) -> None:
        roomy = self.width() >= ROOMY
        style = Qt.ToolButtonStyle
        for button in self._named:
            counts = button is self.record and button.isChecked()
            with_text = roomy or counts
            button.setToolButtonStyle(
                style.ToolButtonTextBesideIcon if with_text else style.ToolButtonIconOnly
            )
        narrow = self.width() < 760
        self.start.setToolButtonStyle(
            style.ToolButtonIconOnly if narrow else style.ToolButtonTextBesideIcon
        )
        self.source.set_narrow(narrow)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 8, 10, 8)
        row.setSpacing(4)
        row.addWidget(self.source)
        row.addSpacing(2)
        row.addWidget(self.start)
        row.addStretch()
        for button in (self.wipe, self.overlay):
            row.addWidget(button)
        row.addWidget(_rule())
        for button in self._named:
            row.addWidget(button)
        row.addWidget(_rule())
        for button in self._bare:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        row.addWidget(self.settings)
        row.addWidget(self.help)


def _rule() -> QWidget:
    rule = label("")
    rule.setObjectName("divider")
    rule.setFixedSize(9, 22)
    return rule
