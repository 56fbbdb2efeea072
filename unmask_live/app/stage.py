"""The stage: the picture, the pages that take its place, and what floats above them."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QLabel, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from unmask_live.app import icons
from unmask_live.app.banners import Banners
from unmask_live.app.controls import label, push_button
from unmask_live.app.convert_page import ConvertPage
from unmask_live.app.picture import Picture
from unmask_live.app.theme import ON_STAGE_ACCENT, Theme


class Welcome(QWidget):
    """What is shown while nothing runs, and until the first frame is there."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("welcome")
        sign = QLabel()
        sign.setPixmap(icons.pixmap("mask", ON_STAGE_ACCENT, 64, 2.0))
        self.title = label("", "title")
        self.note = label("", "note", wrap=True)
        self.start = push_button("Start", "primary")
        self.start.setMinimumWidth(120)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setFixedSize(180, 4)
        centre = Qt.AlignmentFlag.AlignHCenter
        column = QVBoxLayout(self)
        column.addStretch(2)
        column.addWidget(sign, 0, centre)
        column.addSpacing(14)
        for text in (self.title, self.note):
            text.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(text)
            column.addSpacing(8)
        column.addSpacing(10)
        for control in (self.busy, self.start):
            column.addWidget(control, 0, centre)
        column.addStretch(3)
        self.show_idle("")

    def show_idle(self, source: str) -> None:
        """Offer to start ``source``."""
        self.title.setText(source or "Choose a source")
        self.note.setText(
            "The face shown where a mask was is invented, not recovered.\n"
            "Drop a video here to convert it."
        )
        self.start.setVisible(bool(source))
        self.busy.hide()

    def show_starting(self, source: str) -> None:
        """Say that the first frame is on its way."""
        self.title.setText(source)
        self.note.setText("Starting…")
        self.start.hide()
        self.busy.show()


class Stage(QStackedWidget):
    """Pages and what floats above them: banners and one sheet at a time."""

    def __init__(self, convert: ConvertPage) -> None:
        super().__init__()
        self.setObjectName("stage")
        self.setMinimumSize(320, 200)
        self.welcome = Welcome()
        self.picture = Picture()
        self.convert = convert
        for page in (self.welcome, self.picture, convert):
            self.addWidget(page)
        self.banners = Banners(self)
        self.banners.changed.connect(self._place)
        self.currentChanged.connect(self._place)  # the page shown is raised above all else
        self._sheets: list[QWidget] = []
        convert.panel.installEventFilter(self)

    def add_sheet(self, sheet: QWidget) -> None:
        """Let a sheet cover the whole stage when it is shown."""
        sheet.setParent(self)
        sheet.hide()
        sheet.installEventFilter(self)
        self._sheets.append(sheet)

    def apply(self, theme: Theme) -> None:
        """Take a theme's colours."""
        self.banners.apply(theme)
        self._place()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Place a sheet the moment it is shown, and banners where the panel leaves room."""
        if event is not None and event.type() in (QEvent.Type.Show, QEvent.Type.Resize):
            self._place()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Keep what floats in its place."""
        super().resizeEvent(event)
        self._place()

    def _place(self, _: int = 0) -> None:
        panel = self.convert.panel  # says how far it is, and holds the buttons: never covered
        taken = panel.height() if self.currentWidget() is self.convert else 0
        self.banners.place(self.width(), self.height() - taken)
        self.banners.raise_()
        for sheet in self._sheets:
            sheet.setGeometry(self.rect())
            sheet.raise_()
