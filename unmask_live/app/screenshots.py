"""``python -m unmask_live.app.screenshots OUT``: pictures of the real window, made offscreen."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unmask_live.app.window import Window

SIZE = 1180, 760
SCENES = ("window", "first-start", "overlays", "light", "settings", "help", "small", "converting",
          "error")  # fmt: skip
"""All but the first are written as window-<name>.png."""
PATIENCE = 60.0
"""Seconds a scene may take to come about."""
_MOMENT = 3.8
"""Seconds into the demo at which the face is seen well, for more than a second."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pictures and print their paths."""
    parser = argparse.ArgumentParser(prog="python -m unmask_live.app.screenshots")
    parser.add_argument("out", type=Path, help="folder for the PNGs; made if it is not there")
    parser.add_argument("--only", nargs="+", default=[], choices=SCENES, help="these alone")
    parser.add_argument("--font", default="", help="family to draw the texts in")
    options = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from unmask_live.app.main import make_application

    application = make_application()
    if options.font:
        font = application.font()
        font.setFamily(options.font)
        application.setFont(font)
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        photographer = _Photographer(options.out, Path(scratch))
        photographer.take(options.only or SCENES)
    return 0


class _Photographer:
    """Brings the window into each scene and takes its picture."""

    def __init__(self, out: Path, scratch: Path) -> None:
        from PyQt6.QtCore import QSettings

        from unmask_live.app.preferences import Memory
        from unmask_live.app.window import Parts, Window

        self._out, self._scratch = out, scratch
        store = QSettings(str(scratch / "settings.ini"), QSettings.Format.IniFormat)
        memory = Memory(store)
        # "best": on a busy machine the governor would cover the picture with what it does.
        memory.override(appearance="dark", quality="best", folder=str(scratch))
        self._window: Window = Window(Parts(memory))
        self._deeds: dict[str, Callable[[], None]] = {
            "window": lambda: self._shoot("window"),
            "first-start": self._first_start,
            "overlays": self._overlays,
            "light": self._light,
            "settings": self._settings,
            "help": self._help,
            "small": self._small,
            "converting": self._converting,
            "error": self._error,
        }

    def take(self, names: Sequence[str]) -> None:
        """Open the window, take the pictures named, close it."""
        window = self._window
        window.resize(*SIZE)
        window.show()
        window.begin()
        self._until(self._looks_good)
        self._wipe_through_the_face()
        for name in SCENES:
            if name in names:
                window.stage.banners.hide()
                self._deeds[name]()
        window.close()
        self._until(lambda: not window.isVisible())

    def _first_start(self) -> None:
        self._window.stage.banners.show()
        self._shoot("window-first-start")

    def _overlays(self) -> None:
        self._with(mattes=True, boxes=True)
        self._shoot("window-overlays")
        self._with(mattes=False, boxes=False)

    def _light(self) -> None:
        self._with(appearance="light")
        self._shoot("window-light")
        self._with(appearance="dark")

    def _settings(self) -> None:
        self._window.toolbar.settings.setChecked(True)
        self._shoot("window-settings")
        self._window.toolbar.settings.setChecked(False)

    def _help(self) -> None:
        self._window.help.show()
        self._shoot("window-help")
        self._window.help.hide()

    def _small(self) -> None:
        self._window.resize(self._window.minimumSize())
        self._shoot("window-small")
        self._window.resize(*SIZE)

    def _converting(self) -> None:
        from unmask_live.video.demo_clip import demo_clip

        copy = self._scratch / "talk.mp4"
        copy.write_bytes(demo_clip().read_bytes())
        window = self._window
        window.converting.begin([copy])
        page = window.stage.convert
        page.picture.wipe = window.stage.picture.wipe
        self._until(lambda: page.bar.value() > page.bar.maximum() * 0.4 > 0)
        self._shoot("window-converting")
        page.cancel.click()
        self._until(lambda: not page.busy)
        page.back.click()
        self._until(lambda: window.picture_on)

    def _error(self) -> None:
        window = self._window
        window.toolbar.source.choose("/dev/null/talk.mp4", "talk.mp4")
        window.start()
        self._until(lambda: not window.session.busy)
        window.stage.banners.show()
        self._shoot("window-error")

    def _wipe_through_the_face(self) -> None:
        newest = self._window.snapshots.newest
        if newest is not None and newest.result.faces:
            nose = newest.result.faces[0].keypoints[2, 0]
            self._window.stage.picture.wipe = float(nose) / newest.view.shape[1]

    def _with(self, **values: object) -> None:
        for name, value in values.items():
            setattr(self._window.preferences, name, value)
        self._window.apply_theme()
        self._window.apply()

    def _looks_good(self) -> bool:
        newest = self._window.snapshots.newest
        if newest is None:
            return False
        shown = any(face.matte.any() for face in newest.result.faces)
        return shown and newest.frame.seconds > _MOMENT

    def _until(self, true: Callable[[], bool]) -> None:
        from PyQt6.QtWidgets import QApplication

        end = time.monotonic() + PATIENCE
        while not true():
            if time.monotonic() > end:
                raise SystemExit(f"this scene did not come about within {PATIENCE:.0f} s")
            QApplication.processEvents()
            time.sleep(0.005)

    def _shoot(self, name: str) -> None:
        from PyQt6.QtWidgets import QApplication

        end = time.monotonic() + 0.7  # layouts settle, and the strip is written
        while time.monotonic() < end:
            QApplication.processEvents()
            time.sleep(0.005)
        path = self._out / f"{name}.png"
        self._window.grab().save(str(path))
        print(path)


if __name__ == "__main__":
    sys.exit(main())
