"""Snapshots and the virtual camera, and the banners about them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from unmask_live.app import folders
from unmask_live.app.banner import Message
from unmask_live.app.preferences import Preferences
from unmask_live.app.session import Session
from unmask_live.app.tasks import Tasks
from unmask_live.app.trouble import sentence
from unmask_live.live import Shown
from unmask_live.state import State
from unmask_live.video.capture import Notice, NoticeKind
from unmask_live.video.snapshot import save_snapshot

NO_PICTURE = "no-picture"


class Snapshots(QObject):
    """Saves what leaves the program as a picture."""

    saved = pyqtSignal(object)  # Path

    def __init__(
        self, tasks: Tasks, preferences: Preferences, say: Callable[[Message], None]
    ) -> None:
        super().__init__()
        self._tasks, self._preferences, self._say = tasks, preferences, say
        self.newest: Shown | None = None

    def take(self) -> None:
        """Save the newest picture as a PNG, in the background."""
        shown, folder = self.newest, self._preferences.folder_path
        if shown is None:
            text = "No picture to save yet: press Start first"
            self._say(Message(text, key=NO_PICTURE, passing=True))
            return
        invented = any(face.matte.any() for face in shown.result.faces)
        self._tasks.run(
            lambda: save_snapshot(shown.output, folder, invented=invented),
            self._tell,
            lambda error: self._say(Message(sentence(error), "bad", key="snapshot")),
            name="snapshot",
            keep=True,
        )

    def _tell(self, path: Path) -> None:
        show = ("Open folder", lambda: folders.show_folder(path.parent))
        self._say(Message(f"Saved {path.name}", "good", "snapshot", (show,), True))
        self.saved.emit(path)


class VirtualSwitch(QObject):
    """The virtual camera's switch; it stays on from run to run, and goes off when refused.

    While it is on, the device stays open between runs too: a call would lose it otherwise.
    """

    changed = pyqtSignal(bool)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._on = self._seen = self._off_asked = False
        session.state_changed.connect(self._follow)
        session.noticed.connect(self._heed)

    @property
    def on(self) -> bool:
        """Whether it is wanted."""
        return self._on

    def switch(self, on: bool) -> None:
        """Turn it on or off, now or as soon as something runs."""
        self._on, self._seen, self._off_asked = on, False, not on
        self._session.kept.want(on)
        if self._session.state is State.RUNNING:
            self._ask(on)
        self.changed.emit(on)

    def look(self) -> None:
        """Follow what the run says; called twice a second."""
        live = self._session.live
        if live is None or self._session.state is not State.RUNNING:
            return  # a run that ends gives its camera away
        there = live.camera_description is not None
        if there:
            self._seen = True
        if there and not self._on and not self._off_asked:
            self._turn(True)
        elif self._seen and self._on and not there:
            self._seen = False  # the device is gone, and a notice has said so
            self._turn(False)

    def _turn(self, on: bool) -> None:
        """Follow what happened to the camera, without asking for anything."""
        self._on = on
        self._session.kept.want(on)
        self.changed.emit(on)

    def _ask(self, on: bool) -> None:
        live = self._session.live
        if live is not None:
            live.virtual_camera(on)

    def _heed(self, notice: Notice) -> None:
        """Go off if the camera was refused; `look` puts right a mistake."""
        live = self._session.live
        if notice.kind is not NoticeKind.WARNING or live is None or not self._on:
            return
        if live.camera_description is None and not live.camera_awaited:
            self._seen = False
            self._turn(False)

    def _follow(self, state: State) -> None:
        self._seen = False
        if state is State.RUNNING and self._on:
            self._ask(True)
