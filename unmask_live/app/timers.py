"""Qt timers in one line."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer


def timer(
    parent: QObject, milliseconds: int, act: Callable[[], object], *, once: bool = False
) -> QTimer:
    """Return a timer, not yet started, that calls ``act`` again and again, or ``once``."""
    made = QTimer(parent)
    made.setInterval(milliseconds)
    made.setSingleShot(once)
    made.timeout.connect(act)
    return made
