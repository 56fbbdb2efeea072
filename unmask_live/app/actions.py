"""What every key and button does: names from the table of shortcuts to deeds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtGui import QAction, QKeySequence, QShortcut

from unmask_live.app.controls import popup
from unmask_live.app.preferences import Preferences
from unmask_live.app.shortcuts import TABLE, by_name

if TYPE_CHECKING:
    from unmask_live.app.window import Window


class Actions:
    """Connects the window's buttons and keys."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.deeds: dict[str, Callable[[], None]] = {
            "start": window.start_or_stop,
            "sources": window.toolbar.source.showMenu,
            "record": self._record,
            "snapshot": window.snapshots.take,
            "virtual": self._virtual,
            "unmask": lambda: self._flip("unmask"),
            "wipe": lambda: self._flip("wipe_on"),
            "mattes": lambda: self._flip("mattes"),
            "boxes": lambda: self._flip("boxes"),
            "convert": window.converting.ask,
            "full": lambda: window.show_full(not window.isFullScreen()),
            "settings": window.toolbar.settings.toggle,
            "help": self._help,
            "escape": self._escape,
            "quit": lambda: self._quit(),
        }
        for entry in TABLE:
            for key in entry.keys if entry.name else ():
                shortcut = QShortcut(QKeySequence(key), window)
                shortcut.setAutoRepeat(False)
                shortcut.activated.connect(partial(self._press, entry.name))
        self._mattes, self._boxes = self._overlay_menu()
        self._connect()

    def show(self, preferences: Preferences) -> None:
        """Tick what is on in the menu of overlays."""
        self._mattes.setChecked(preferences.mattes)
        self._boxes.setChecked(preferences.boxes)

    def _connect(self) -> None:
        bar = self._window.toolbar
        for button, name in (
            (bar.start, "start"),
            (bar.record, "record"),
            (bar.snapshot, "snapshot"),
            (bar.virtual, "virtual"),
            (bar.wipe, "wipe"),
            (bar.help, "help"),
        ):
            button.clicked.connect(lambda _, deed=self.deeds[name]: deed())

    def _overlay_menu(self) -> tuple[QAction, QAction]:
        menu = popup(self._window)
        made = []
        for name in ("mattes", "boxes"):
            entry = by_name(name)
            action = QAction(f"{entry.text}\t{entry.shown}", menu)
            action.setCheckable(True)
            action.triggered.connect(lambda _, deed=self.deeds[name]: deed())
            menu.addAction(action)
            made.append(action)
        self._window.toolbar.overlay.setMenu(menu)
        return made[0], made[1]

    def _press(self, name: str) -> None:
        """Do what a key says, unless the button for it is out of order."""
        bar = self._window.toolbar
        buttons = {
            "start": bar.start,
            "sources": bar.source,
            "record": bar.record,
            "snapshot": bar.snapshot,
        }
        if name not in buttons or buttons[name].isEnabled():
            self.deeds[name]()

    def _record(self) -> None:
        """Record, and start what is recorded if nothing runs."""
        window = self._window
        window.recording.toggle()
        if window.recording.path is not None and not window.session.busy:
            window.start()

    def _virtual(self) -> None:
        """Be a camera or not; it needs something to show."""
        window = self._window
        window.virtual.switch(not window.virtual.on)
        if window.virtual.on and not window.session.busy and not window.converting.busy:
            window.start()

    def _flip(self, name: str) -> None:
        preferences = self._window.preferences
        setattr(preferences, name, not getattr(preferences, name))
        self._window.apply()

    def _help(self) -> None:
        self._window.help.setVisible(not self._window.help.isVisible())

    def _escape(self) -> None:
        """Close the topmost thing that is open."""
        window = self._window
        if window.help.isVisible():
            window.help.hide()
        elif window.settings.isVisible():
            window.toolbar.settings.setChecked(False)
        elif window.isFullScreen():
            window.show_full(False)
        elif not window.stage.banners.dismiss_last():
            window.converting.leave(resume=True)

    def _quit(self) -> None:
        self._window.close()
