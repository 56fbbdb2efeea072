"""The recording behind the record button: asked for, seen to run, seen to end."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from unmask_live.app.banner import Message
from unmask_live.app.preferences import Preferences
from unmask_live.app.session import Session
from unmask_live.app.tasks import Tasks
from unmask_live.app.trouble import sentence
from unmask_live.live import Live
from unmask_live.state import State
from unmask_live.video.capture import Notice, NoticeKind

KEY = "record"


class Recording(QObject):
    """Starts and ends recordings; `look` is called twice a second and follows what the run does.

    A recording that is asked for while nothing runs begins with the next run.
    """

    changed = pyqtSignal(object)  # seconds so far, or None
    finished = pyqtSignal(object)  # Path

    def __init__(
        self,
        session: Session,
        tasks: Tasks,
        preferences: Preferences,
        say: Callable[[Message], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._session, self._tasks, self._preferences = session, tasks, preferences
        self._say, self._clock = say, clock
        self._waiting: Path | None = None
        self._force = False
        self._path: Path | None = None
        self._seen = False
        self._begun = 0.0
        session.state_changed.connect(self._follow)
        session.noticed.connect(self._heed)

    @property
    def path(self) -> Path | None:
        """What is recorded into, from the click on; None when nothing is."""
        return self._path or self._waiting

    @property
    def seconds(self) -> float | None:
        """How long the recording is, 0 until it has begun; None when there is none."""
        if self.path is None:
            return None
        return self._clock() - self._begun if self._seen else 0.0

    def toggle(self) -> None:
        """Begin a recording under a new name, or end the one that goes on."""
        if self.path is None:
            name = f"unmask-{datetime.now():%Y-%m-%d-%H%M%S}.mp4"
            self.begin(self._preferences.folder_path / name)
        else:
            self.end()

    def begin(self, path: Path, *, force: bool = False) -> None:
        """Record into ``path``, now or as soon as something runs; ``force`` replaces a file."""
        self._waiting, self._force = path, force
        live = self._session.live
        if live is not None and self._session.state is State.RUNNING:
            self._start(live)
        self.changed.emit(0.0)

    def end(self) -> None:
        """Finish the file; `finished` tells when it is whole."""
        live, self._waiting = self._session.live, None
        if live is not None and self._path is not None:
            live.record(None)
        else:
            self.changed.emit(None)

    def look(self) -> None:
        """Follow the run: it may have begun, or ended, or refused."""
        live = self._session.live
        if live is None:
            return
        now = live.recording
        if now is not None:
            if not self._seen:
                self._path, self._seen, self._begun = now, True, self._clock()
            self.changed.emit(self._clock() - self._begun)
        elif self._seen:
            self._forget()

    def _start(self, live: Live) -> None:
        path, self._waiting = self._waiting, None
        if path is None:
            return
        self._path, self._seen = path, False
        force = self._force
        self._tasks.run(  # a disk that sleeps must not hold up the window
            lambda: path.parent.mkdir(parents=True, exist_ok=True),
            lambda _: live.record(path, force),
            self._fail,
            name="make-folder",
        )

    def _fail(self, error: BaseException) -> None:
        self._forget()
        self._say(Message(sentence(error), "bad", key=KEY))

    def _forget(self) -> None:
        self._path, self._seen = None, False
        self.changed.emit(None)

    def _heed(self, notice: Notice) -> None:
        """Take the button back out if the recording was refused; `look` puts right a mistake."""
        if notice.path is not None:  # whole and under its name, which may be a while after the end
            if notice.path == self._path:
                self._forget()
            self.finished.emit(notice.path)
            return
        live = self._session.live
        refused = live is not None and live.recording is None and not self._seen
        if notice.kind is NoticeKind.WARNING and refused and self._path is not None:
            self._forget()

    def _follow(self, state: State) -> None:
        live = self._session.live
        if state is State.RUNNING and live is not None:
            self._start(live)
        elif live is None and self._path is not None:  # the run has ended, the file with it
            self._forget()
