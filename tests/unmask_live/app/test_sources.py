from __future__ import annotations

from collections.abc import Callable

import pytest
from PyQt6.QtWidgets import QFileDialog, QInputDialog
from pytestqt.qtbot import QtBot
from windows import PATIENCE

from unmask_live.app.labels import label_of_address, shape_of, shortened
from unmask_live.app.sources import Found, SourceButton
from unmask_live.app.tasks import Tasks
from unmask_live.video.devices import CameraDevice


def camera(index: int, name: str) -> CameraDevice:
    return CameraDevice(index, name, "V4L2", f"/dev/video{index}")


def picker(qtbot: QtBot, look: Callable[[], Found]) -> SourceButton:
    made = SourceButton(Tasks(), look)
    qtbot.addWidget(made)
    with qtbot.waitSignal(made.found, timeout=PATIENCE):
        made.refresh()
    return made


def entries(made: SourceButton) -> list[str]:
    return [a.text() for a in made.menu().actions() if not a.isSeparator()]


def test_cameras_are_remembered_by_name_unless_that_means_several(qtbot: QtBot) -> None:
    there = [camera(0, "HD Webcam"), camera(2, "BRIO"), camera(4, "BRIO"), camera(6, "a/b"),
             camera(7, "5")]  # fmt: skip
    made = picker(qtbot, lambda: Found(tuple(there)))
    assert [made.spec_of(each) for each in there] == ["HD Webcam", "2", "4", "6", "7"]
    assert entries(made)[1:6] == ["HD Webcam", "BRIO", "BRIO", "a/b", "5"]


def test_a_choice_is_told_once_and_shown(qtbot: QtBot) -> None:
    made = picker(qtbot, lambda: Found((camera(0, "R&D Webcam"),)))
    told: list[tuple[str, str]] = []
    made.chosen.connect(lambda *said: told.append(said))
    next(a for a in made.menu().actions() if "Webcam" in a.text()).trigger()
    assert told == [("R&D Webcam", "R&D Webcam")]
    assert made.label == "R&D Webcam"
    assert [a.text() for a in made.menu().actions() if a.isChecked()] == ["R&&D Webcam"]


def test_without_a_camera_the_menu_says_so_and_an_error_is_like_none(qtbot: QtBot) -> None:
    def broken() -> Found:
        raise RuntimeError("driver")

    for look in (lambda: Found(), broken):
        assert entries(picker(qtbot, look)) == [
            "Demo clip",
            "No camera found",
            "Video file…",
            "Network stream…",
        ]


def test_a_file_and_an_address_can_be_chosen(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    made = picker(qtbot, Found)
    told: list[tuple[str, str]] = []
    made.chosen.connect(lambda *said: told.append(said))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/videos/talk.mp4", ""))
    made.ask_file()
    monkeypatch.setattr(QInputDialog, "exec", lambda _: 1)
    monkeypatch.setattr(QInputDialog, "textValue", lambda _: " rtsp://me:secret@cam/live ")
    made.ask_address()
    monkeypatch.setattr(QInputDialog, "exec", lambda _: 0)
    made.ask_address()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    made.ask_file()
    assert told == [
        ("/videos/talk.mp4", "talk.mp4"),
        ("rtsp://me:secret@cam/live", "rtsp://cam/live"),
    ]
    assert "secret" not in made.text() + made.accessibleName() + "".join(entries(made))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://cam/live", "rtsp://cam/live"),
        ("http://u:p@host:80/a?key=1", "http://host:80/a"),
        ("https://host", "https://host"),
    ],
)
def test_no_password_is_shown(address: str, shown: str) -> None:
    assert label_of_address(address) == shown


@pytest.mark.parametrize(
    ("spec", "shape"),
    [("demo", "film"), ("0", "camera"), ("HD Webcam", "camera"), ("a.mp4", "film"),
     ("rtsp://x", "network")],
)  # fmt: skip
def test_icons(spec: str, shape: str) -> None:
    assert shape_of(spec) == shape


@pytest.mark.parametrize(("text", "most"), [("short", 26), ("a" * 80, 26), ("a" * 27, 26)])
def test_long_names_are_shortened(text: str, most: int) -> None:
    short = shortened(text, most)
    assert len(short) <= most
    assert (short == text) == (len(text) <= most)
