"""Opens the window; the only file of the window that imports Qt late."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from unmask_live.errors import UserError

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

    from unmask_live.app.preferences import Memory
    from unmask_live.app.window import Parts

MISSING = "the window needs PyQt6: install it with `pip install 'unmask-live[window]'`"
_LISTEN_MS = 200
"""Python hears Ctrl-C only while its own code runs; Qt's loop calls it this often."""


def run(
    source: str | None = None,
    *,
    size: tuple[int, int] | None = None,
    fps: float | None = None,
    mirror: bool | None = None,
    backend: str | None = None,
    finder: str | None = None,
    inpainter: str | None = None,
    record: Path | None = None,
    force: bool = False,
    virtual_camera: bool = False,
    parts: Parts | None = None,
) -> int:
    """Open the window and return the exit code when it is closed.

    What is not None holds for this time; the rest is as it was last set.

    Parameters
    ----------
    source, size, fps, mirror : as `open_live` takes them
    backend : what runs the networks
    finder : what looks for faces, as `Unmasker` takes it
    inpainter : what fills, by its name as `unmask_live.inpainters` has it
    record, force : a file to record into from the first frame on, and whether to replace one
    virtual_camera : whether the virtual camera is on from the first frame on

    Raises
    ------
    UserError
        if PyQt6 or what it needs of the system is missing, or there is no screen
    """
    application = make_application()
    from PyQt6.QtCore import QStandardPaths

    from unmask_live.app import trouble
    from unmask_live.app.timers import timer
    from unmask_live.app.window import Parts, Window

    place = QStandardPaths.StandardLocation.AppLocalDataLocation
    trouble.set_log(Path(QStandardPaths.writableLocation(place)) / "unmask_live.log")
    parts = parts or Parts()
    _override(parts.memory, source, size, fps, mirror, backend, finder, inpainter)
    window = Window(parts)
    with trouble.caught(window.messages.surprise):
        before = {number: signal.signal(number, lambda *_: window.close()) for number in _ENDS}
        timer(window, _LISTEN_MS, lambda: None).start()
        window.show()
        window.begin(record, virtual_camera, force=force)
        try:
            return application.exec()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


_ENDS = (signal.SIGINT, signal.SIGTERM)


def make_application() -> QApplication:
    """Return Qt's application, made if there is none; UserError if it could not start."""
    try:
        from PyQt6.QtCore import QCoreApplication
        from PyQt6.QtWidgets import QApplication
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "PyQt6":
            raise
        raise UserError(MISSING) from None
    except ImportError as error:  # a library of the system that Qt links to
        raise UserError(_unlinked(str(error))) from None
    running = QCoreApplication.instance()
    if isinstance(running, QApplication):
        return running
    _check_screen()
    application = QApplication(sys.argv[:1])
    application.setApplicationName("unmask_live")
    application.setDesktopFileName("unmask_live")
    application.setStyle("Fusion")  # the same everywhere: the style sheet builds on it
    return application


def _check_screen() -> None:
    """Tell before Qt does: it ends the whole program when it finds no screen."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return
    if os.environ.get("WAYLAND_DISPLAY"):
        return
    if not os.environ.get("DISPLAY"):
        raise UserError(
            "there is no screen to open a window on: use `unmask-live live --headless`, or log in "
            "to a desktop"
        )
    from PyQt6.QtCore import QLibraryInfo

    plugins = QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)
    plugin = Path(plugins) / "platforms" / "libqxcb.so"
    try:
        if plugin.is_file():
            ctypes.CDLL(str(plugin))
    except OSError as error:
        raise UserError(_unlinked(str(error))) from None


def _unlinked(reason: str) -> str:
    library = reason.split(":")[0].strip()
    return (
        f"Qt cannot start, {library} is missing: on Debian or Ubuntu install it with "
        "`sudo apt install libgl1 libegl1 libxkbcommon-x11-0 libdbus-1-3 libxcb-cursor0 "
        "libxcb-icccm4 libxcb-keysyms1 libxcb-image0 libxcb-render-util0 libxcb-shape0`"
    )


def _override(
    memory: Memory,
    source: str | None,
    size: tuple[int, int] | None,
    fps: float | None,
    mirror: bool | None,
    backend: str | None,
    finder: str | None,
    inpainter: str | None,
) -> None:
    """Let what was asked for on the command line hold for this time only."""
    if source is not None:
        memory.override(source=source, label="")
    if size is not None:
        memory.override(size=f"{size[0]}x{size[1]}")
    if fps is not None:
        memory.override(fps=round(fps))
    if mirror is not None:
        memory.override(mirror=mirror)
    if backend is not None:
        memory.override(backend=backend)
    if finder is not None:
        memory.override(finder=finder)
    if inpainter is not None:
        memory.override(inpainter=inpainter)
