from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import QByteArray, QSettings

from unmask_live.app.preferences import Memory, Preferences
from unmask_live.settings import Settings

Store = Callable[[], QSettings]


def test_everything_is_remembered(store: Store) -> None:
    kept = Preferences(
        "HD Webcam", "HD Webcam", True, "fast", 0.25, False, True, True, "openvino",
        "1280x720", 30, "/videos", "light", False, 0.125, True, True, "inpainter-small",
    )  # fmt: skip
    memory = Memory(store())
    memory.save(kept)
    memory.geometry = QByteArray(b"\x01\x02")
    memory.save(kept)
    again = Memory(store())
    assert again.load() == kept
    assert kept.settings.inpainter == "inpainter-small"
    assert again.geometry == QByteArray(b"\x01\x02")


def test_the_first_time_is_as_it_should_be(store: Store) -> None:
    loaded = Memory(store()).load()
    assert loaded == Preferences()
    assert loaded.settings == Settings()
    assert loaded.badge_outputs
    assert loaded.folder_path.name == "unmask_live"
    assert Memory(store()).geometry.isEmpty()


def test_a_damaged_file_does_no_harm(store: Store) -> None:
    damaged = store()
    for name, value in {"smoothing": "much", "fps": "", "wipe": "nan", "size": "1280"}.items():
        damaged.setValue(name, value)
    damaged.setValue("quality", "great")
    damaged.setValue("geometry", "no bytes")
    damaged.sync()
    loaded = Memory(store()).load()
    assert (loaded.smoothing, loaded.fps) == (0.5, 0)
    assert loaded.size_pixels is None
    assert loaded.settings.quality == "auto"
    assert Memory(store()).geometry.isEmpty()


@pytest.mark.parametrize(
    ("text", "pixels"), [("1280x720", (1280, 720)), ("", None), ("ax7", None), ("5x", None)]
)
def test_size(text: str, pixels: tuple[int, int] | None) -> None:
    assert Preferences(size=text).size_pixels == pixels


def test_what_holds_for_now_is_not_written_down_unless_changed(store: Store) -> None:
    memory = Memory(store())
    memory.save(Preferences(source="HD Webcam", fps=30))
    memory.override(source="demo", fps=15)
    loaded = memory.load()
    assert (loaded.source, loaded.fps) == ("demo", 15)
    memory.save(replace(loaded, fps=60))
    again = Memory(store()).load()
    assert (again.source, again.fps) == ("HD Webcam", 60)


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_nobody_else_reads_what_may_hold_a_password(store: Store) -> None:
    memory = Memory(store())
    memory.save(Preferences(source="rtsp://me:secret@cam/1"))
    assert Path(store().fileName()).stat().st_mode & 0o077 == 0
    memory.save(Preferences(source="rtsp://me:other@cam/1"))
    assert Path(store().fileName()).stat().st_mode & 0o077 == 0


def test_masks_left_on_are_not_remembered(store: Store) -> None:
    Memory(store()).save(Preferences(unmask=False, mirror=True))
    again = Memory(store()).load()
    assert again.unmask and again.mirror


def test_reset_keeps_the_source_and_the_wipe() -> None:
    changed = Preferences("cam", "Cam", quality="fast", wipe=0.2, folder="/x", mirror=True)
    changed.reset()
    assert changed == Preferences("cam", "Cam", wipe=0.2)
    assert changed.folder_path != Path("/x")
