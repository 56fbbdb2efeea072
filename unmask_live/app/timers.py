"""Qt timers in one line."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer


def timer(
    parent: QObject, milliseconds: int, act: Callable[[], object], *, once: bool = False
) -> QTimer:
    """Return a timer, not yet started, that calls ``act`` again and again, or ``once``.

    ``act`` is a method or a function that holds nothing, no lambda that holds ``parent``: Python
    may collect that together with ``parent`` while Qt's half of both lives on, and calling it is
    a crash then. Methods are held weakly and not called any more.

    Raises
    ------
    TypeError
        if ``act`` holds something
    """
    if getattr(act, "__closure__", None):
        raise TypeError("a timer's act must be a method or hold nothing, got a closure")
    made = QTimer(parent)
    made.setInterval(milliseconds)
    made.setSingleShot(once)
    made.timeout.connect(act)
    return made
