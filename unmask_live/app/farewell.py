"""Closing: recordings are finished and threads have ended before the window goes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from unmask_live.app.timers import timer

if TYPE_CHECKING:
    from unmask_live.app.window import Window

LOOK_MS = 20
PATIENCE = 3.0
"""Seconds after which the window goes all the same; the threads are daemons."""


class Farewell:
    """Asks everything to stop, and closes the window when it has."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._begun: float | None = None
        self._done = False
        self._timer = timer(window, LOOK_MS, self._look)

    def may_close(self) -> bool:
        """Tell whether nothing runs any more; the first call begins to stop it."""
        if self._begun is None:
            self._begun = time.monotonic()
            window = self._window
            if not window.isFullScreen():
                window.memory.geometry = window.saveGeometry()
            window.memory.save(window.preferences)
            window.session.stop()
            window.session.kept.want(False)
            window.converting.stop()
            self._timer.start()
        self._done = self._done or not self._busy()
        if self._done:
            self._timer.stop()
            self._window.tasks.drop()
        return self._done

    def _busy(self) -> bool:
        window = self._window
        session, converting, tasks = window.session, window.converting, window.tasks
        return session.busy or session.kept.held or converting.busy or tasks.busy

    def _look(self) -> None:
        begun = self._begun if self._begun is not None else time.monotonic()
        self._done = self._done or time.monotonic() - begun > PATIENCE
        if self._done or not self._busy():
            self._window.close()
