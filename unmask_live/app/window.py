"""The window: layout and wiring; what the parts do is in their own files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from unmask_live.app import first_start, style
from unmask_live.app import theme as themes
from unmask_live.app.actions import Actions
from unmask_live.app.convert_page import ConvertPage
from unmask_live.app.converting import Converting
from unmask_live.app.display import TITLE, Display
from unmask_live.app.drop_hint import DropHint
from unmask_live.app.farewell import Farewell
from unmask_live.app.first_start import FirstStart
from unmask_live.app.help_sheet import make_help_sheet
from unmask_live.app.messages import LIVE_KEYS, Messages
from unmask_live.app.outputs import NO_PICTURE, Snapshots, VirtualSwitch
from unmask_live.app.preferences import Memory, Preferences
from unmask_live.app.recording import Recording
from unmask_live.app.session import Session, Wanted
from unmask_live.app.settings_page import SettingsPage
from unmask_live.app.shortcuts import tip
from unmask_live.app.sources import SourceButton
from unmask_live.app.stage import Stage
from unmask_live.app.strip import Strip
from unmask_live.app.tasks import Tasks
from unmask_live.app.timers import timer
from unmask_live.app.toolbar import Toolbar
from unmask_live.errors import UserError
from unmask_live.inpainters import InpainterChoice, choices
from unmask_live.quality import INPAINTER
from unmask_live.runtime.choose import installed_choices
from unmask_live.runtime.manifest import load_manifest
from unmask_live.video.capture import DEMO

SAVE_MS = 1000
NO_WIPE = "There is nothing to compare while masks stay on (U takes them off)"


@dataclass
class Parts:
    """What the window is made of; tests put their own in."""

    memory: Memory = field(default_factory=Memory)
    tasks: Tasks = field(default_factory=Tasks)
    session: Session | None = None
    source: SourceButton | None = None


class Window(QWidget):
    """The main window."""

    def __init__(self, parts: Parts | None = None) -> None:
        super().__init__()
        parts = parts or Parts()
        self.setObjectName("window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(TITLE)
        self.setMinimumSize(640, 420)
        self.setAcceptDrops(True)
        self.memory, self.tasks = parts.memory, parts.tasks
        self.preferences: Preferences = self.memory.load()
        self.session = parts.session or Session(self.tasks)
        source = parts.source or SourceButton(self.tasks)
        self.toolbar = Toolbar(source)
        self.stage = Stage(ConvertPage(self.tasks))
        inpainters = _inpainters()
        self.inpainters = {each.name: each.title for each in inpainters}
        if self.preferences.inpainter not in self.inpainters:  # of an older version
            self.preferences.inpainter = INPAINTER
        self.settings = SettingsPage(self.preferences, installed_choices(), inpainters)
        self.strip = Strip()
        self.help = make_help_sheet()
        self.stage.add_sheet(self.help)
        self.drop_hint = DropHint()
        self.stage.add_sheet(self.drop_hint)
        say = self.stage.banners.say
        self.messages = Messages(self)
        self.recording = Recording(self.session, self.tasks, self.preferences, say)
        self.snapshots = Snapshots(self.tasks, self.preferences, say)
        self.virtual = VirtualSwitch(self.session)
        self.converting = Converting(self)
        self.actions_ = Actions(self)
        self.first_start = FirstStart(self)
        self.display = Display(self)
        self.farewell = Farewell(self)
        self._lay_out()
        self._connect()
        self._restore()

    @property
    def picture_on(self) -> bool:
        """Whether the live picture is on the stage."""
        return self.stage.currentWidget() is self.stage.picture

    def begin(
        self, record: Path | None = None, virtual_camera: bool = False, *, force: bool = False
    ) -> None:
        """Start what was last used, or what suits a first start."""
        if virtual_camera:
            self.virtual.switch(True)
        if record is not None:
            self.recording.begin(record, force=force)
        self.first_start.begin()

    def start(self) -> None:
        """Run the chosen source, in place of what runs."""
        p, spec = self.preferences, self.toolbar.source.spec
        if not spec:
            self.toolbar.source.showMenu()
            return
        self.converting.leave(resume=False)
        stale = ("failed", *LIVE_KEYS, NO_PICTURE, *(() if spec == DEMO else (first_start.KEY,)))
        for key in stale:
            self.stage.banners.dismiss(key)
        self.session.start(
            Wanted(spec, p.size_pixels, p.fps or None, p.backend, p.settings, p.finder)
        )

    def start_or_stop(self) -> None:
        """Stop what runs, or start."""
        if self.session.busy:
            self.session.stop()
        else:
            self._start_asked()

    def _start_asked(self) -> None:
        """Start, and remember what: a camera that was chosen for the user as well.

        The demo is remembered only if it was picked: tomorrow there may be a camera.
        """
        source = self.toolbar.source
        if source.spec not in ("", DEMO):
            self.preferences.source, self.preferences.label = source.spec, source.label
            self._save.start()
        self.start()

    def apply(self) -> None:
        """Bring everything in line with the preferences."""
        p = self.preferences
        self.session.change(p.settings)
        picture, after = self.stage.picture, p.unmask
        picture.wipe_on = p.wipe_on and after
        self.stage.convert.picture.wipe_on = p.wipe_on
        picture.mattes, picture.boxes = p.mattes, p.boxes
        picture.wipe = p.wipe
        self.toolbar.wipe.setChecked(p.wipe_on)
        self.toolbar.wipe.setEnabled(after)
        self.toolbar.wipe.setToolTip(tip("wipe") if after else NO_WIPE)
        self.display.show_signs()
        self.actions_.show(p)
        self.settings.show_values()
        self._save.start()

    def apply_theme(self) -> None:
        """Take the colours that are asked for."""
        theme = self.theme = themes.choose(self.preferences.appearance)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setPalette(themes.palette(theme))
            application.setStyleSheet(style.sheet(theme))
        for part in (self.toolbar, self.strip, self.settings, self.stage, self.help):
            part.apply(theme)
        self.display.show_state(self.session.state)

    def show_full(self, full: bool) -> None:
        """Give the picture the whole screen, or the tools their place back."""
        for part in (self.toolbar, self.strip):
            part.setVisible(not full)
        if full:
            self.toolbar.settings.setChecked(False)
            self.showFullScreen()
        else:
            self.showNormal()
        self.display.show_signs()

    def focus_stage(self) -> None:
        """Give the keyboard back to the picture, or to nothing in particular."""
        target = self.stage.picture if self.picture_on else self
        target.setFocus()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Say what a drop would do."""
        if event is not None and _paths(event) and not self.converting.busy:
            event.acceptProposedAction()
            self.drop_hint.show()

    def dragLeaveEvent(self, event: object) -> None:
        """Take the hint away."""
        self.drop_hint.hide()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Convert what was dropped."""
        self.drop_hint.hide()
        if event is not None:
            self.converting.begin(_paths(event))

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """End what runs first; then really close."""
        if event is not None and not self.farewell.may_close():
            event.ignore()

    def _lay_out(self) -> None:
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.stage, 1)
        middle.addWidget(self.settings)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.toolbar)
        column.addLayout(middle, 1)
        column.addWidget(self.strip)
        self.settings.hide()

    def _write_down(self) -> None:
        self.memory.save(self.preferences)

    def _connect(self) -> None:
        self._save = timer(self, SAVE_MS, self._write_down, once=True)
        self.stage.welcome.start.clicked.connect(self._start_asked)
        self.stage.picture.wipe_moved.connect(self._keep_wipe)
        self.stage.picture.full_screen_wanted.connect(
            lambda: self.show_full(not self.isFullScreen())
        )
        self.recording.changed.connect(self.toolbar.show_recording)
        self.virtual.changed.connect(self.toolbar.virtual.setChecked)
        self.toolbar.source.chosen.connect(self._choose)
        self.settings.changed.connect(self.apply)
        self.settings.appearance.currentIndexChanged.connect(lambda _: self.apply_theme())
        self.settings.restart_wanted.connect(self._restart)
        self.settings.reset_wanted.connect(self._reset)
        self.settings.closed.connect(lambda: self.toolbar.settings.setChecked(False))
        self.toolbar.settings.toggled.connect(self.settings.setVisible)
        self.toolbar.settings.toggled.connect(lambda on: None if on else self.focus_stage())
        self.help.closed.connect(self.focus_stage)
        hints = QApplication.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self.apply_theme)

    def _restore(self) -> None:
        self.resize(1180, 760)
        if not self.memory.geometry.isEmpty():
            self.restoreGeometry(self.memory.geometry)
        if self.preferences.source:
            self.toolbar.source.choose(self.preferences.source, self.preferences.label)
        self.apply_theme()
        self.apply()
        self.setFocus()  # not the first button: its ring would draw the eye

    def _choose(self, spec: str, label: str) -> None:
        self.preferences.source, self.preferences.label = spec, label
        self._save.start()
        self.start()

    def _restart(self) -> None:
        if self.session.busy:
            self.start()

    def _reset(self) -> None:
        self.preferences.reset()
        self.apply_theme()
        self.apply()
        self._restart()

    def _keep_wipe(self, share: float) -> None:
        self.preferences.wipe = share
        self._save.start()


def _inpainters() -> Sequence[InpainterChoice]:
    """Return what can fill; nothing where the manifest is damaged, which the run will tell."""
    try:
        return choices(load_manifest())
    except UserError:
        return ()


def _paths(event: QDropEvent) -> Sequence[Path]:
    data = event.mimeData()
    urls = data.urls() if data is not None else []
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
