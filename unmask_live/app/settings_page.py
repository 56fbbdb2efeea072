"""The settings, in a panel beside the picture; each takes effect at once."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from unmask_live.app.controls import (
    Choice,
    Switch,
    label,
    paint_button,
    push_button,
    scrolled,
    tool_button,
)
from unmask_live.app.labels import shortened
from unmask_live.app.preferences import Preferences
from unmask_live.app.theme import Theme
from unmask_live.inpainters import InpainterChoice
from unmask_live.quality import INPAINTER
from unmask_live.video.camera import RATE, SIZE

NETWORK = "Network that invents the face"
ON_THE_FLY = (
    "Changes while the picture goes on, as soon as the network is open.\n"
    "The small one takes over where the machine cannot keep up, and for the fastest quality."
)
WIDTH = 316
QUALITIES = (
    ("auto", "Automatic"),
    ("best", "Best picture"),
    ("fast", "Fastest"),
)
SIZES = (
    ("", "Automatic ({} × {})".format(*SIZE)),
    ("640x480", "640 × 480"),
    ("1280x720", "1280 × 720"),
    ("1920x1080", "1920 × 1080"),
)
RATES = (("0", f"Automatic ({RATE:g})"), ("15", "15"), ("24", "24"), ("30", "30"), ("60", "60"))
APPEARANCES = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))


class SettingsPage(QFrame):
    """Edits a `Preferences` in place and says so; `show_values` reads it again."""

    changed = pyqtSignal()
    restart_wanted = pyqtSignal()
    reset_wanted = pyqtSignal()
    closed = pyqtSignal()

    def __init__(
        self,
        preferences: Preferences,
        backends: Sequence[str],
        inpainters: Sequence[InpainterChoice] = (),
    ) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setFixedWidth(WIDTH)
        self._preferences = preferences
        self.quality = Choice("Quality", QUALITIES)
        self.inpainter = Choice(NETWORK, [(each.name, _title(each)) for each in inpainters])
        self.inpainter.setToolTip(ON_THE_FLY)
        for place, each in enumerate(inpainters):
            self.inpainter.setItemData(place, each.system, Qt.ItemDataRole.ToolTipRole)
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.smoothing.setRange(0, 100)
        self.smoothing.setAccessibleName("Smoothing")
        self.unmask = Switch("Take masks off")
        self.mirror = Switch("Mirror")
        self.badge_outputs = Switch("Badge on virtual camera and recordings")
        self.badge_view = Switch("Badge in this window")
        self.resolution = Choice("Resolution", SIZES)
        self.rate = Choice("Frames a second", RATES)
        shown = ["auto", *(name for name in backends if name != "auto")]
        self.backend = Choice("Backend", [(n, "Automatic" if n == "auto" else n) for n in shown])
        self.appearance = Choice("Appearance", APPEARANCES)
        self.folder = QLabel()
        self.folder.setProperty("role", "note")
        self.choose_folder = push_button("Change…")
        self.reset = push_button("Reset to defaults")
        self._close = tool_button("close", "Close settings")
        self._close.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._lay_out()
        self.show_values()
        self._connect()

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The drop-down lists."""
        return (
            self.quality, self.inpainter, self.resolution, self.rate, self.backend, self.appearance
        )  # fmt: skip

    @property
    def switches(self) -> tuple[Switch, ...]:
        """The switches."""
        return self.unmask, self.mirror, self.badge_outputs, self.badge_view

    def apply(self, theme: Theme) -> None:
        """Take a theme's colours."""
        for choice in self.choices:
            choice.apply(theme)
        for switch in self.switches:
            switch.apply(theme)
        paint_button(self._close, theme)

    def show_values(self) -> None:
        """Show what the preferences hold, without saying that anything changed."""
        p = self._preferences
        controls: tuple[QWidget, ...] = (*self.choices, *self.switches, self.smoothing)
        for control in controls:
            control.blockSignals(True)
        self.quality.value, self.backend.value = p.quality, p.backend
        self.inpainter.value = p.inpainter
        self.resolution.value, self.rate.value = p.size, str(p.fps)
        self.appearance.value = p.appearance
        self.smoothing.setValue(round(100 * p.smoothing))
        self.unmask.setChecked(p.unmask)
        self.mirror.setChecked(p.mirror)
        self.badge_outputs.setChecked(p.badge_outputs)
        self.badge_view.setChecked(p.badge_view)
        self.folder.setText(shortened(str(p.folder_path), 40))
        self.folder.setToolTip(str(p.folder_path))
        for control in controls:
            control.blockSignals(False)
            control.update()

    def _take(self) -> None:
        """Put what the controls show into the preferences."""
        p = self._preferences
        asked = p.size, p.fps, p.backend
        p.quality, p.backend = self.quality.value, self.backend.value
        p.inpainter = self.inpainter.value
        p.size, p.fps = self.resolution.value, int(self.rate.value)
        p.appearance = self.appearance.value
        p.smoothing = self.smoothing.value() / 100
        p.unmask, p.mirror = self.unmask.isChecked(), self.mirror.isChecked()
        p.badge_outputs = self.badge_outputs.isChecked()
        p.badge_view = self.badge_view.isChecked()
        self.changed.emit()
        if asked != (p.size, p.fps, p.backend):
            self.restart_wanted.emit()

    def _ask_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self.window(), "Folder for recordings and snapshots", str(self._preferences.folder_path)
        )
        if chosen:
            self._preferences.folder = chosen
            self.show_values()
            self.changed.emit()

    def _connect(self) -> None:
        for choice in self.choices:
            choice.currentIndexChanged.connect(lambda _: self._take())
        for switch in self.switches:
            switch.toggled.connect(lambda _: self._take())
        self.smoothing.valueChanged.connect(lambda _: self._take())
        self.choose_folder.clicked.connect(self._ask_folder)
        self.reset.clicked.connect(self.reset_wanted)
        self._close.clicked.connect(self.closed)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(18, 12, 10, 4)
        head.addWidget(label("Settings", "title"))
        head.addStretch()
        head.addWidget(self._close)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(18, 4, 18, 18)
        column.setSpacing(8)
        column.addLayout(_row("Take masks off", self.unmask))
        column.addLayout(_field("Quality", self.quality))
        column.addLayout(_field(NETWORK, self.inpainter))
        column.addLayout(_field("Smoothing over time", self.smoothing))
        _heading(column, "AI-reconstructed badge")
        column.addLayout(_row("Virtual camera, recordings", self.badge_outputs))
        column.addLayout(_row("This window", self.badge_view))
        _heading(column, "Camera")
        column.addLayout(_row("Mirror", self.mirror))
        column.addLayout(_field("Resolution", self.resolution))
        column.addLayout(_field("Frames a second", self.rate))
        _heading(column, "Recordings and snapshots")
        place = QHBoxLayout()
        place.addWidget(self.folder, 1)
        column.addLayout(place)
        column.addWidget(self.choose_folder, 0, Qt.AlignmentFlag.AlignLeft)
        _heading(column, "Program")
        column.addLayout(_field("Backend", self.backend))
        column.addLayout(_field("Appearance", self.appearance))
        column.addSpacing(10)
        column.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch()
        scroll = scrolled(body)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(scroll, 1)


def _title(inpainter: InpainterChoice) -> str:
    return f"{inpainter.title} (default)" if inpainter.name == INPAINTER else inpainter.title


def _heading(column: QVBoxLayout, text: str) -> None:
    column.addSpacing(10)
    column.addWidget(label(text.upper(), "heading"))


def _row(text: str, control: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(label(text), 1)
    row.addWidget(control)
    return row


def _field(text: str, control: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(3)
    column.addWidget(label(text))
    column.addWidget(control)
    return column
