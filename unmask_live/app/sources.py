"""The source picker: the demo, cameras, a file, a stream, and what was last used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QPointF, pyqtSignal
from PyQt6.QtGui import QAction, QActionGroup, QPainter, QPaintEvent
from PyQt6.QtWidgets import QFileDialog, QInputDialog, QMenu, QToolButton

from unmask_live.app import icons
from unmask_live.app.controls import paint_button, popup, set_up
from unmask_live.app.labels import label_of_address, shape_of, shortened
from unmask_live.app.shortcuts import tip
from unmask_live.app.tasks import Tasks
from unmask_live.app.theme import DARK, Theme
from unmask_live.video.capture import DEMO
from unmask_live.video.devices import CameraDevice
from unmask_live.video.names import VIDEO_SUFFIXES

DEMO_LABEL = "Demo clip"


@dataclass(frozen=True)
class Found:
    """The cameras of this machine, and why there may be none (one sentence)."""

    cameras: tuple[CameraDevice, ...] = ()
    problem: str | None = None


def look_for_cameras() -> Found:
    """Ask the system; takes too long for the GUI thread."""
    from unmask_live.video.devices import camera_problem, cameras

    found = tuple(cameras())
    return Found(found, None if found else camera_problem())


class SourceButton(QToolButton):
    """Shows the chosen source; its menu lists what there is. A choice is told once."""

    chosen = pyqtSignal(str, str)  # as `open_live` takes it, for people
    found = pyqtSignal(object)  # Found

    def __init__(self, tasks: Tasks, look: Callable[[], Found] = look_for_cameras) -> None:
        super().__init__()
        set_up(self, "camera", "Source", role="source")
        self._tasks, self._look = tasks, look
        self._theme = DARK
        self._spec, self._label = "", ""
        self._cameras: tuple[CameraDevice, ...] = ()
        self._problem: str | None = None
        self._looking = False
        self._narrow = False
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolTip(tip("sources"))
        menu = popup(self)
        menu.aboutToShow.connect(self.refresh)
        self.setMenu(menu)
        self._fill()

    @property
    def spec(self) -> str:
        """The chosen source as `open_live` takes it; "" if there is none."""
        return self._spec

    @property
    def label(self) -> str:
        """The chosen source for people."""
        return self._label

    def choose(self, spec: str, label: str = "") -> None:
        """Show a source as chosen, and tell nobody."""
        self._spec = spec
        self._label = label or self._label_of(spec)
        self.setProperty("shape", shape_of(spec))
        self.setAccessibleName(f"Source: {self._label or 'none'}")
        paint_button(self, self._theme)
        self._write()
        self._fill()

    def apply(self, theme: Theme) -> None:
        """Take a theme's colours."""
        self._theme = theme
        paint_button(self, theme)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the button, then the arrow that tells of the menu."""
        super().paintEvent(event)
        painter = QPainter(self)
        arrow = icons.pixmap("chevron", self._theme.muted, 14, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(self.width() - 24, (self.height() - 14) / 2), arrow)

    def set_narrow(self, narrow: bool) -> None:
        """Take less room."""
        self._narrow = narrow
        self._write()

    def refresh(self) -> None:
        """Look for cameras in the background; the menu is filled again when they are known."""
        if self._looking:
            return
        self._looking = True
        self._tasks.run(self._look, self._take, self._take_none, name="look-for-cameras")

    def _take(self, found: Found) -> None:
        self._looking = False
        if (found.cameras, found.problem) != (self._cameras, self._problem):
            self._cameras, self._problem = found.cameras, found.problem
            self._fill()
        self.found.emit(found)

    def _take_none(self, _: BaseException) -> None:
        self._take(Found())

    def _fill(self) -> None:
        menu = self.menu()
        if menu is None:
            return
        menu.clear()
        group = QActionGroup(menu)
        self._add(menu, group, DEMO_LABEL, DEMO)
        menu.addSeparator()
        for camera in self._cameras:
            self._add(menu, group, camera.name, self.spec_of(camera))
        if not self._cameras:
            none = menu.addAction("No camera found")
            if none is not None:
                none.setEnabled(False)
        menu.addSeparator()
        if self._spec and self._spec != DEMO and not self._is_camera(self._spec):
            self._add(menu, group, self._label, self._spec)
            menu.addSeparator()
        _act(menu, "Video file…", self.ask_file)
        _act(menu, "Network stream…", self.ask_address)

    def _add(self, menu: QMenu, group: QActionGroup, text: str, spec: str) -> None:
        action = QAction(text.replace("&", "&&"), menu)
        action.setCheckable(True)
        action.setChecked(spec == self._spec)
        action.triggered.connect(lambda _: self._pick(spec, text))
        group.addAction(action)
        menu.addAction(action)

    def _pick(self, spec: str, text: str) -> None:
        self.choose(spec, text)
        self.chosen.emit(spec, self._label)

    def ask_file(self) -> None:
        """Let the user pick a video to play as if it were a camera."""
        kinds = " ".join(f"*{suffix}" for suffix in VIDEO_SUFFIXES)
        path, _ = QFileDialog.getOpenFileName(
            self.window(), "Play a video as the source", "", f"Videos ({kinds});;All files (*)"
        )
        if path:
            self._pick(path, Path(path).name)

    def ask_address(self) -> None:
        """Let the user type a stream's address."""
        dialog = QInputDialog(self.window())
        dialog.setWindowTitle("Network stream")
        dialog.setLabelText("Address of the stream (rtsp://, http:// or https://)")
        dialog.resize(440, 120)
        text = dialog.textValue().strip() if dialog.exec() else ""
        if text:
            self._pick(text, label_of_address(text))

    def spec_of(self, camera: CameraDevice) -> str:
        """Return what to remember a camera by: its name, which outlives its number."""
        alike = [c for c in self._cameras if camera.name.lower() in c.name.lower()]
        plain = camera.name.strip() and not any(sign in camera.name for sign in "/\\.:")
        usable = plain and not camera.name.isdecimal() and camera.name.lower() != DEMO
        return camera.name if usable and len(alike) == 1 else str(camera.index)

    def _is_camera(self, spec: str) -> bool:
        return any(spec == self.spec_of(camera) for camera in self._cameras)

    def _label_of(self, spec: str) -> str:
        for camera in self._cameras:
            if spec == self.spec_of(camera):
                return camera.name
        if spec == DEMO:
            return DEMO_LABEL
        if spec.isdecimal():
            return f"Camera {spec}"
        return label_of_address(spec) if "://" in spec else Path(spec).name

    def _write(self) -> None:
        text = self._label or "Choose a source"
        self.setText(f"\u2009{shortened(text, 16 if self._narrow else 26)}")


def _act(menu: QMenu, text: str, act: Callable[[], None]) -> None:
    action = menu.addAction(text)
    if action is not None:
        action.triggered.connect(lambda _: act())
