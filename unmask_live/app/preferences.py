"""What the window remembers from one day to the next."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, cast

from PyQt6.QtCore import QByteArray, QSettings, QStandardPaths

from unmask_live.quality import INPAINTER
from unmask_live.settings import Settings

QUALITIES = ("auto", "best", "fast")


def default_folder() -> str:
    """Return where recordings and snapshots go unless something else is set."""
    place = QStandardPaths.StandardLocation
    videos = QStandardPaths.writableLocation(place.MoviesLocation)
    return str(Path(videos or Path.home()) / "unmask_live")


@dataclass
class Preferences:
    """The values; an empty text means that nothing was chosen.

    Attributes
    ----------
    source : as `open_live` takes it
    size, fps : asked of a camera, such as "1280x720" and 30; "" and 0 for what is usual
    unmask : never remembered: whoever left masks on yesterday did not mean today's call
    wipe : where the wipe stands, 0..1
    finder : what looks for faces, as `unmask_live.unmasker.Unmasker` takes it
    inpainter : by its name as `unmask_live.inpainters` has it
    """

    source: str = ""
    label: str = ""
    unmask: bool = True
    quality: str = "auto"
    smoothing: float = 0.5
    badge_outputs: bool = True
    badge_view: bool = False
    mirror: bool = False
    backend: str = "auto"
    size: str = ""
    fps: int = 0
    folder: str = ""
    appearance: str = "system"
    wipe_on: bool = True
    wipe: float = 0.5
    mattes: bool = False
    boxes: bool = False
    inpainter: str = INPAINTER
    finder: str = "ours"

    def reset(self) -> None:
        """Set all but the source and the wipe's place to what they first were."""
        first = Preferences()
        for field in fields(Preferences):
            if field.name not in ("source", "label", "wipe"):
                setattr(self, field.name, getattr(first, field.name))

    @property
    def settings(self) -> Settings:
        """What of it a run takes while it is going."""
        quality = self.quality if self.quality in QUALITIES else "auto"
        return Settings(
            unmask=self.unmask,
            smoothing=min(1.0, max(0.0, self.smoothing)),
            quality=cast(Literal["auto", "best", "fast"], quality),
            badge_outputs=self.badge_outputs,
            badge_view=self.badge_view,
            mirror=self.mirror,
            inpainter=self.inpainter,
        )

    @property
    def size_pixels(self) -> tuple[int, int] | None:
        """The size to ask of a camera."""
        width, _, height = self.size.partition("x")
        if not (width.isdecimal() and height.isdecimal()):
            return None
        return int(width), int(height)

    @property
    def folder_path(self) -> Path:
        """Where recordings and snapshots go."""
        return Path(self.folder or default_folder())


FOR_TODAY = ("unmask",)
"""What is as it first was whenever the program starts."""


class Memory:
    """Reads and writes `Preferences` and the window's place; ``store`` is another one in tests."""

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store if store is not None else QSettings("unmask_live", "unmask_live")
        self._for_now: dict[str, object] = {}

    def override(self, **values: object) -> None:
        """Let values hold until the program ends: they are loaded, but not written down."""
        self._for_now.update(values)

    def load(self) -> Preferences:
        """Return what was saved; what is missing or damaged is as it first was."""
        loaded = Preferences()
        for field in fields(Preferences):
            value = self._store.value(field.name)
            if value is None or field.name in FOR_TODAY:
                continue
            usual = getattr(loaded, field.name)
            try:
                setattr(loaded, field.name, _like(usual, str(value)))
            except ValueError:
                continue
        for name, now in self._for_now.items():
            setattr(loaded, name, now)
        return loaded

    def save(self, preferences: Preferences) -> None:
        """Write all values down."""
        for field in fields(Preferences):
            value = getattr(preferences, field.name)
            if field.name in self._for_now and self._for_now[field.name] == value:
                continue
            if field.name in FOR_TODAY:
                continue
            self._store.setValue(field.name, _text(value))
        self._store.sync()
        path = Path(self._store.fileName())
        if path.is_file():  # a stream's address may hold a password: nobody else is to read it
            with suppress(OSError):
                path.chmod(0o600)

    @property
    def geometry(self) -> QByteArray:
        """The window's place and size, as Qt packs them; empty at first."""
        value = self._store.value("geometry")
        return value if isinstance(value, QByteArray) else QByteArray()

    @geometry.setter
    def geometry(self, packed: QByteArray) -> None:
        self._store.setValue("geometry", packed)


def _text(value: str | bool | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _like(usual: str | bool | float, text: str) -> str | bool | float:
    """Read ``text`` as the type of ``usual``."""
    if isinstance(usual, bool):
        return text.lower() == "true"
    if isinstance(usual, int):
        return int(text)
    if isinstance(usual, float):
        return float(text)
    return text
