"""Work that must not hold up the window: done in a thread of the pipeline's, told in the GUI's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from PyQt6.QtCore import QObject, pyqtSignal

from unmask_live.pipeline import background

T = TypeVar("T")


class Tasks(QObject):
    """Runs tasks one by one or side by side; their callbacks are called in the GUI thread.

    After `drop` no callback is called any more.
    """

    _called = pyqtSignal(object, object)  # callback, its argument

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: list[threading.Thread] = []
        self._dropped = False
        self._called.connect(self._call)

    def run(
        self,
        task: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[BaseException], None],
        *,
        name: str = "task",
        keep: bool = False,
    ) -> None:
        """Run ``task`` in the background, then ``done`` with its result or ``failed``, here.

        ``keep`` says that it must be finished even if the window is closed meanwhile.
        """
        thread = background(
            task,
            lambda result: self._tell(done, result),
            lambda error: self._tell(failed, error),
            name=name,
        )
        self._kept = [each for each in self._kept if each.is_alive()]
        if keep:
            self._kept.append(thread)

    @property
    def busy(self) -> bool:
        """Whether a task is going on that must be finished."""
        return any(thread.is_alive() for thread in self._kept)

    def drop(self) -> None:
        """Forget what is going on: its outcome is wanted no more."""
        self._dropped = True

    def _tell(self, callback: Callable[[Any], None], outcome: object) -> None:
        if not self._dropped:
            self._called.emit(callback, outcome)

    def _call(self, callback: Callable[[Any], None], outcome: object) -> None:
        if not self._dropped:
            callback(outcome)
