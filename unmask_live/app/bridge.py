"""From the run's threads into the GUI's: signals, and a slot in which the newest frame wins."""

from __future__ import annotations

import threading

from PyQt6.QtCore import QObject, pyqtSignal

from unmask_live.live import Shown
from unmask_live.state import State
from unmask_live.video.capture import Notice


class Bridge(QObject):
    """Takes runs' callbacks in any thread, tells of them in the GUI's.

    A window that is slow misses frames; they never queue up for it. What an earlier run still has
    to say is not heard: each callback begins with the number of its run.
    """

    frame_ready = pyqtSignal()
    noticed = pyqtSignal(int, object)  # run, Notice
    state_changed = pyqtSignal(int, object)  # run, State

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._newest: Shown | None = None
        self._run = 0

    @property
    def run(self) -> int:
        """The number of the run that is heard."""
        return self._run

    def next_run(self) -> int:
        """Hear another run from now on; return its number."""
        with self._lock:
            self._run += 1
            self._newest = None
        return self._run

    def on_shown(self, run: int, shown: Shown) -> None:
        """Keep a frame; the GUI is called once for however many it has not taken."""
        with self._lock:
            if run != self._run:
                return
            waiting = self._newest is not None
            self._newest = shown
        if not waiting:
            self.frame_ready.emit()

    def take(self) -> Shown | None:
        """Return the newest frame, once; called by the GUI."""
        with self._lock:
            shown, self._newest = self._newest, None
        return shown

    def on_notice(self, run: int, notice: Notice) -> None:
        """Pass a notice on."""
        self.noticed.emit(run, notice)

    def on_state(self, run: int, state: State) -> None:
        """Pass a new state on."""
        self.state_changed.emit(run, state)
