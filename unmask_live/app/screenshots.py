"""``python -m unmask_live.app.screenshots OUT``: pictures of the real window, made offscreen."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unmask_live.app.window import Window

PATIENCE = 60.0
"""Seconds a scene may take to come about."""
_MOMENT = 3.8
"""Seconds into the demo at which the face is seen well, for more than a second."""


def main() -> int:
    """Write the pictures and print their paths."""
    parser = argparse.ArgumentParser(prog="python -m unmask_live.app.screenshots")
    parser.add_argument("out", type=Path, help="folder for the PNGs; made if it is not there")
    parser.add_argument("--font", default="", help="family to draw the texts in")
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from unmask_live.app.main import make_application

    application = make_application()
    if options.font:
        font = application.font()
        font.setFamily(options.font)
        application.setFont(font)
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        _Photographer(options.out, Path(scratch)).all()
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

    def all(self) -> None:
        """Take every picture."""
        window = self._window
        window.resize(1180, 760)
        window.show()
        window.begin()
        self._until(self._looks_good)
        self._wipe_through_the_face()
        window.stage.banners.hide()
        self._take("window")
        window.stage.banners.show()
        self._take("window-first-start")
        self._without_banners()
        self._with(mattes=True, boxes=True)
        self._take("window-overlays")
        self._with(mattes=False, boxes=False, appearance="light")
        self._without_banners()
        self._take("window-light")
        window.toolbar.settings.setChecked(True)
        self._take("window-settings-light")
        self._with(appearance="dark")
        self._take("window-settings")
        window.toolbar.settings.setChecked(False)
        window.help.show()
        self._take("window-help")
        window.help.hide()
        window.resize(640, 420)
        self._take("window-small")
        window.resize(1180, 760)
        self._without_banners()
        self._convert()
        self._fail()
        window.close()
        self._until(lambda: not window.isVisible())

    def _convert(self) -> None:
        from unmask_live.video.demo_clip import demo_clip

        copy = self._scratch / "talk.mp4"
        copy.write_bytes(demo_clip().read_bytes())
        window = self._window
        window.converting.begin([copy])
        page = window.stage.convert
        self._until(lambda: page.bar.value() > page.bar.maximum() * 0.4 > 0)
        self._take("window-converting")
        self._until(lambda: not page.busy)
        self._take("window-converted")
        page.back.click()

    def _fail(self) -> None:
        window = self._window
        window.toolbar.source.choose("/dev/null/talk.mp4", "talk.mp4")
        window.start()
        self._until(lambda: bool(window.stage.banners.shown))
        self._take("window-error")

    def _wipe_through_the_face(self) -> None:
        newest = self._window.snapshots.newest
        if newest is not None and newest.result.faces:
            nose = newest.result.faces[0].keypoints[2, 0]
            self._window.stage.picture.wipe = float(nose) / newest.view.shape[1]

    def _without_banners(self) -> None:
        while self._window.stage.banners.dismiss_last():
            pass

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

    def _take(self, name: str) -> None:
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
