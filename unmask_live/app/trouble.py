"""Errors that nobody foresaw: into a log file, and told in one sentence, never as a trace."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType

from unmask_live.errors import UserError

MOST_BYTES = 200_000
"""A log beyond this is begun anew: a bug in a repaint must not fill the disk."""
_lock = threading.Lock()
_log: Path | None = None


def set_log(path: Path | None) -> None:
    """Choose the log file; None keeps no log."""
    global _log
    _log = path


def sentence(error: BaseException) -> str:
    """Return what to tell the user; what is no `UserError` goes to the log in full."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}"
    note = write_log(error)
    kind, text = type(error).__name__, " ".join(str(error).split())
    return f"something went wrong ({kind}: {text[:160]}){note}"


def write_log(error: BaseException) -> str:
    """Write an error down; return where, ready to be added to a sentence."""
    if _log is None:
        return ""
    lines = "".join(traceback.format_exception(error))
    try:
        with _lock:
            _log.parent.mkdir(parents=True, exist_ok=True)
            fresh = not _log.exists() or _log.stat().st_size > MOST_BYTES
            with _log.open("w" if fresh else "a", encoding="utf-8") as out:
                out.write(f"{datetime.now():%Y-%m-%d %H:%M:%S}\n{lines}\n")
    except OSError:
        return ""
    return f"; the details are in {_log}"


@contextmanager
def caught(tell: Callable[[str], None]) -> Iterator[None]:
    """Tell of exceptions that leave a slot or a thread, instead of ending the program.

    PyQt aborts the program when a slot raises and nobody has set an excepthook.
    """

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        tell(sentence(error))

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            tell(sentence(args.exc_value))

    before, before_thread = sys.excepthook, threading.excepthook
    sys.excepthook, threading.excepthook = hook, in_thread
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = before, before_thread
