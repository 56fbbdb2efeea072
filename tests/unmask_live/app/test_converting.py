from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from clips import write_clip
from fakes import Negative, SlowNegative
from live_source import FedSource
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import PATIENCE, texts

from unmask_live.app import converting, folders
from unmask_live.app.window import Window
from unmask_live.state import State

Open = Callable[..., Window]


def drop(window: Window, *paths: Path) -> None:
    """Drag files over the window and let go."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    modifier = Qt.KeyboardModifier.NoModifier
    centre = window.rect().center()
    enter = QDragEnterEvent(centre, action, data, button, modifier)
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    assert window.drop_hint.isVisible()
    window.dropEvent(QDropEvent(QPointF(centre), action, data, button, modifier))
    assert not window.drop_hint.isVisible()


def fed(spec: str, **_: object) -> FedSource:
    """Open a source that gives one picture."""
    made = FedSource(spec)
    made.feed()
    return made


def on_page(window: Window) -> bool:
    return window.stage.currentWidget() is window.stage.convert


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converting, "Unmasker", Negative)


def test_a_dropped_clip_is_converted_and_its_folder_can_be_opened(
    open_window: Open,
    qtbot: QtBot,
    tmp_path: Path,
    fake: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(folders, "show_folder", opened.append)
    window = open_window()
    page = window.stage.convert
    with qtbot.waitSignal(page.finished, timeout=PATIENCE) as finished:
        drop(window, write_clip(tmp_path / "talk.mp4"))
    assert [outcome.done for outcome in finished.args[0]] == [True]
    assert (tmp_path / "talk-unmasked.mp4").is_file()
    assert page.title.text() == "talk-unmasked.mp4"
    assert "20 frames" in page.note.text()
    assert not page.picture.place().isEmpty()
    page.open.click()
    assert opened == [tmp_path]
    page.back.click()
    assert window.stage.currentWidget() is window.stage.welcome


def test_the_chosen_network_converts(
    open_window: Open, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    class Asked(Negative):
        def __init__(self, **options: object) -> None:
            asked.append(options)
            super().__init__(**options)

    monkeypatch.setattr(converting, "Unmasker", Asked)
    window = open_window(inpainter="inpainter-small", finder="mediapipe:x.tflite")
    with qtbot.waitSignal(window.stage.convert.finished, timeout=PATIENCE):
        drop(window, write_clip(tmp_path / "talk.mp4"))
    wanted = {"backend": "auto", "finder": "mediapipe:x.tflite", "inpainter": "inpainter-small"}
    assert asked == [wanted | {"overlapped": True}]


def test_cancel_ends_it_and_leaves_nothing_behind(
    open_window: Open, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converting, "Unmasker", SlowNegative)
    window = open_window()
    page = window.stage.convert
    drop(window, write_clip(tmp_path / "talk.mp4"))
    qtbot.waitUntil(lambda: page.bar.value() >= 3, timeout=PATIENCE)
    assert page.bar.maximum() == 20
    assert "left" in page.note.text()
    window.converting.begin([tmp_path / "talk.mp4"])
    assert "A conversion is going on" in texts(window)[-1]
    with qtbot.waitSignal(page.finished, timeout=PATIENCE):
        page.cancel.click()
    assert page.title.text() == "Cancelled"
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".mp4") == ["talk.mp4"]
    assert not page.open.isVisible()


def test_closing_while_it_converts_ends_it(
    open_window: Open, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converting, "Unmasker", SlowNegative)
    window = open_window()
    drop(window, write_clip(tmp_path / "talk.mp4"))
    qtbot.waitUntil(lambda: window.stage.convert.bar.value() >= 1, timeout=PATIENCE)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)
    assert not (tmp_path / "talk-unmasked.mp4").exists()


def test_what_cannot_be_converted_is_told(
    open_window: Open, qtbot: QtBot, tmp_path: Path, fake: None
) -> None:
    window = open_window(open_source=fed, unmasker=Negative, source="0")
    window.begin()
    qtbot.waitUntil(lambda: window.picture_on, timeout=PATIENCE)
    drop(window, tmp_path / "gone.mp4")
    qtbot.waitUntil(lambda: bool(texts(window)), timeout=PATIENCE)
    assert "there is no file" in texts(window)[0]
    bad = tmp_path / "bad.mp4"
    bad.write_text("no video")
    drop(window, bad)
    qtbot.waitUntil(lambda: "not a video" in texts(window)[-1], timeout=PATIENCE)
    assert "Invalid data" not in texts(window)[-1]
    assert window.picture_on and window.session.busy, "nothing had to stop for that"


def test_one_bad_file_among_others_is_told_at_the_end(
    open_window: Open, qtbot: QtBot, tmp_path: Path, fake: None
) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_text("no video")
    window = open_window()
    page = window.stage.convert
    with qtbot.waitSignal(page.finished, timeout=PATIENCE):
        drop(window, bad, write_clip(tmp_path / "talk.mp4"))
    assert page.title.text() == "1 of 2 failed"
    assert "not a video" in page.note.text()


def test_live_comes_back_after_two_drops_and_escape(
    open_window: Open, qtbot: QtBot, tmp_path: Path, fake: None
) -> None:
    window = open_window(open_source=fed, unmasker=Negative, source="0")
    window.begin()
    qtbot.waitUntil(lambda: window.picture_on, timeout=PATIENCE)
    clip = write_clip(tmp_path / "talk.mp4")
    for _ in range(2):
        with qtbot.waitSignal(window.stage.convert.finished, timeout=PATIENCE):
            drop(window, clip)
        qtbot.waitUntil(lambda: window.session.state is State.STOPPED, timeout=PATIENCE)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.picture_on, timeout=PATIENCE)


def test_banners_leave_the_panel_free(
    open_window: Open, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converting, "Unmasker", SlowNegative)
    window = open_window()
    page, banners = window.stage.convert, window.stage.banners
    drop(window, write_clip(tmp_path / "talk.mp4"))
    qtbot.waitUntil(lambda: page.bar.value() >= 1, timeout=PATIENCE)
    assert window.strip.state == "converting"
    window.converting.begin([tmp_path / "talk.mp4"])
    top = page.panel.mapTo(window.stage, QPoint(0, 0)).y()
    assert banners.isVisible() and banners.geometry().bottom() < top
    with qtbot.waitSignal(page.finished, timeout=PATIENCE):
        page.cancel.click()
    assert texts(window) == [], "nothing is to be waited for any more"
    assert window.strip.state == "ready"


def test_the_live_picture_pauses_and_comes_back(
    open_window: Open, qtbot: QtBot, tmp_path: Path, fake: None
) -> None:
    made: list[FedSource] = []

    def open_source(spec: str, **_: object) -> FedSource:
        made.append(FedSource(spec))
        made[-1].feed()
        return made[-1]

    window = open_window(open_source=open_source, unmasker=Negative, source="0")
    window.begin()
    qtbot.waitUntil(lambda: window.picture_on, timeout=PATIENCE)
    page = window.stage.convert
    with qtbot.waitSignal(page.finished, timeout=PATIENCE):
        drop(window, write_clip(tmp_path / "talk.mp4"))
    qtbot.waitUntil(lambda: window.session.state is State.STOPPED, timeout=PATIENCE)
    assert on_page(window)
    assert not window.toolbar.start.isEnabled()
    page.back.click()
    qtbot.waitUntil(lambda: window.picture_on, timeout=PATIENCE)
    assert len(made) == 2
    assert window.toolbar.start.isEnabled()


def test_a_virtual_camera_that_is_watched_goes_on(
    open_window: Open, qtbot: QtBot, tmp_path: Path, fake: None
) -> None:
    made: list[FedSource] = []

    def open_source(spec: str, **_: object) -> FedSource:
        made.append(FedSource(spec))
        made[-1].feed()
        return made[-1]

    window = open_window(open_source=open_source, unmasker=Negative, source="0")
    window.begin(record=tmp_path / "out" / "take.mp4")
    qtbot.waitUntil(lambda: window.session.state is State.RUNNING, timeout=PATIENCE)
    with qtbot.waitSignal(window.stage.convert.finished, timeout=PATIENCE):
        drop(window, write_clip(tmp_path / "talk.mp4"))
    assert window.session.state is State.RUNNING
    assert not made[0].closed
