"""The whole window, with fed sources and the real run; networks only where they matter."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from fakes import Negative
from live_source import FedSource
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import PATIENCE, pixel, texts, threads_after

from unmask_live import outputs
from unmask_live.app import display, signs
from unmask_live.app.sources import Found
from unmask_live.app.window import Window
from unmask_live.errors import UserError
from unmask_live.state import State
from unmask_live.video.capture import Notice, NoticeKind
from unmask_live.video.devices import CameraDevice
from unmask_live.video.pictures import read_picture
from unmask_live.video.sink import COMMENT

WEBCAM = CameraDevice(0, "HD Webcam", "V4L2", "/dev/video0")
Open = Callable[..., Window]


class Sources:
    """Opens fed sources, and remembers them and what was asked for."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.made: list[FedSource] = []
        self.asked: list[tuple[str, object, object]] = []

    def __call__(
        self, spec: str, *, size: object = None, fps: object = None, mirror: bool = False
    ) -> FedSource:
        self.asked.append((spec, size, fps))
        if self.errors:
            raise self.errors.pop(0)
        self.made.append(FedSource(spec))
        return self.made[-1]

    @property
    def last(self) -> FedSource:
        return self.made[-1]


def feed(sources: Sources, value: int = 60) -> None:
    sources.last.feed(value, captured=time.monotonic(), size=(160, 90))


def running(qtbot: QtBot, window: Window, sources: Sources) -> None:
    """Wait until the fed picture is on the stage."""
    qtbot.waitUntil(lambda: bool(sources.made), timeout=PATIENCE)
    feed(sources)
    qtbot.waitUntil(lambda: window.picture_on, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.session.state is State.RUNNING, timeout=PATIENCE)


def middle(window: Window, share: float) -> tuple[int, int, int]:
    picture = window.stage.picture
    area = picture.place()
    return pixel(picture, area.x() + share * area.width(), area.y() + 0.4 * area.height())


def test_before_and_after_are_on_their_sides_and_the_wipe_can_be_dragged(
    open_window: Open, qtbot: QtBot
) -> None:
    sources = Sources()
    window = open_window(open_source=sources, unmasker=Negative, source="0")
    window.begin()
    running(qtbot, window, sources)
    assert middle(window, 0.3) == (60, 60, 60)
    assert middle(window, 0.7) == (195, 195, 195)
    picture = window.stage.picture
    area = picture.place()
    at = [QPoint(round(area.x() + s * area.width()), round(area.center().y())) for s in (0.5, 0.2)]
    QTest.mousePress(picture, Qt.MouseButton.LeftButton, pos=at[0])
    QTest.mouseMove(picture, at[1])
    QTest.mouseRelease(picture, Qt.MouseButton.LeftButton, pos=at[1])
    assert middle(window, 0.3) == (195, 195, 195)
    assert window.preferences.wipe == pytest.approx(0.2, abs=0.02)
    QTest.keyPress(picture, Qt.Key.Key_Space)
    assert middle(window, 0.7) == (60, 60, 60)
    QTest.keyRelease(picture, Qt.Key.Key_Space)
    QTest.keyClick(window, Qt.Key.Key_W)
    assert middle(window, 0.1) == (195, 195, 195)
    QTest.keyClick(window, Qt.Key.Key_U)
    for _ in range(3):
        feed(sources)
    qtbot.waitUntil(lambda: middle(window, 0.7) == (60, 60, 60), timeout=PATIENCE)


def test_masks_that_stay_on_are_said_and_forgotten_by_the_next_morning(
    open_window: Open, qtbot: QtBot
) -> None:
    sources = Sources()
    window = open_window(open_source=sources, unmasker=Negative, source="0")
    window.begin()
    running(qtbot, window, sources)
    assert window.stage.picture.signs == ()
    QTest.keyClick(window, Qt.Key.Key_U)
    assert [sign.text for sign in window.stage.picture.signs] == [signs.MASKS_ON]
    assert not window.toolbar.wipe.isEnabled()
    assert "masks stay on" in window.toolbar.wipe.toolTip()
    qtbot.waitUntil(lambda: "stay on" in window.strip.level.value.text(), timeout=PATIENCE)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)
    again = open_window()
    assert again.preferences.unmask and again.stage.picture.signs == ()


def test_full_screen_says_that_it_records_and_sends(
    open_window: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = Sources()
    window = open_window(open_source=sources, unmasker=Negative, source="0")
    window.begin()
    running(qtbot, window, sources)
    window.recording.toggle()
    window.virtual.switch(True)
    assert window.stage.picture.signs == (), "the buttons show it"
    window.show_full(True)
    shown = [sign.text for sign in window.stage.picture.signs]
    assert shown == ["REC 00:00", signs.SENDING]
    window.show_full(False)
    assert window.stage.picture.signs == ()
    window.virtual.switch(False)


def test_a_camera_that_is_lost_and_comes_back(open_window: Open, qtbot: QtBot) -> None:
    sources = Sources()
    window = open_window(open_source=sources, unmasker=Negative, source="0")
    window.begin()
    running(qtbot, window, sources)
    picture = window.stage.picture
    sources.last.notify(Notice(NoticeKind.LOST, "the camera is gone: plug it in again"))
    qtbot.waitUntil(lambda: picture.dimmed, timeout=PATIENCE)
    assert texts(window) == ["the camera is gone: plug it in again"]
    assert max(middle(window, 0.7)) < 120
    assert window.session.state is State.RUNNING
    assert window.strip.state == display.LOST
    sources.last.notify(Notice(NoticeKind.BACK, "the camera is back"))
    feed(sources)
    qtbot.waitUntil(lambda: not picture.dimmed, timeout=PATIENCE)
    qtbot.waitUntil(lambda: texts(window) == ["the camera is back"], timeout=PATIENCE)
    assert window.strip.state == "live"
    qtbot.waitUntil(lambda: middle(window, 0.7) == (195, 195, 195), timeout=PATIENCE)


def test_a_source_that_does_not_open_is_a_banner_with_a_way_on(
    open_window: Open, qtbot: QtBot
) -> None:
    sources = Sources(UserError("camera 0 is in use: close the other program"))
    window = open_window(open_source=sources, unmasker=Negative, source="0")
    window.begin()
    qtbot.waitUntil(lambda: bool(texts(window)), timeout=PATIENCE)
    assert texts(window) == ["camera 0 is in use: close the other program"]
    assert window.session.state is State.FAILED
    assert not window.session.busy
    again, other = window.stage.banners.shown[0].buttons
    assert (again.text(), other.text()) == ("Try again", "Choose another")
    again.click()
    running(qtbot, window, sources)
    assert texts(window) == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UserError("the stream ended: check the address"), "the stream"),
        (ValueError("x"), "went wr"),
    ],
)
def test_a_run_that_fails_goes_back_to_the_start_with_a_banner(
    open_window: Open, qtbot: QtBot, error: Exception, said: str
) -> None:
    sources = Sources()
    window = open_window(open_source=sources, unmasker=Negative, source="0")
    window.begin()
    running(qtbot, window, sources)
    sources.last.fail(error)
    qtbot.waitUntil(lambda: window.session.state is State.FAILED, timeout=PATIENCE)
    qtbot.waitUntil(lambda: any(said in text for text in texts(window)), timeout=PATIENCE)
    assert not any("Traceback" in text for text in texts(window))
    assert window.stage.currentWidget() is window.stage.welcome
    assert window.toolbar.start.accessibleName() == "Start"


def test_networks_that_do_not_open_are_a_banner(open_window: Open, qtbot: QtBot) -> None:
    def refuse() -> Negative:
        raise UserError("the engine is damaged: reinstall unmask-live")

    window = open_window(open_source=Sources(), unmasker=refuse, source="0")
    window.begin()
    qtbot.waitUntil(lambda: window.session.state is State.FAILED, timeout=PATIENCE)
    assert texts(window) == ["the engine is damaged: reinstall unmask-live"]


def test_the_first_time_without_a_camera_the_demo_plays(open_window: Open, qtbot: QtBot) -> None:
    sources = Sources()
    found = Found((), "no camera is connected: plug one in")
    window = open_window(open_source=sources, unmasker=Negative, found=found)
    window.begin()
    running(qtbot, window, sources)
    assert sources.asked[0][0] == "demo"
    assert texts(window) == ["The demo clip plays: no camera is connected: plug one in"]
    banner = window.stage.banners.shown[0]
    assert banner.buttons[0].text() == "Look again"
    qtbot.waitUntil(banner.isVisible, timeout=PATIENCE)
    centre = banner.mapTo(window.stage, banner.rect().center())
    top = window.stage.childAt(centre)
    assert top is banner or banner.isAncestorOf(top)  # above the picture, not behind it
    assert window.preferences.source == ""  # tomorrow there may be a camera


def test_the_first_time_a_camera_is_chosen_but_not_switched_on(
    open_window: Open, qtbot: QtBot
) -> None:
    sources = Sources()
    window = open_window(open_source=sources, unmasker=Negative, found=Found((WEBCAM,)))
    window.begin()
    qtbot.waitUntil(lambda: window.toolbar.source.label == "HD Webcam", timeout=PATIENCE)
    assert sources.asked == []
    assert window.stage.welcome.title.text() == "HD Webcam"
    window.stage.welcome.start.click()
    running(qtbot, window, sources)
    assert sources.asked == [("HD Webcam", None, None)]
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)
    again = open_window(open_source=sources, unmasker=Negative, found=Found((WEBCAM,)))
    again.begin()  # the next morning: it was used, so it comes on by itself
    qtbot.waitUntil(lambda: len(sources.asked) == 2, timeout=PATIENCE)
    assert sources.asked[1][0] == again.toolbar.source.spec == "HD Webcam"


def test_another_source_takes_the_place_of_the_one_that_runs(
    open_window: Open, qtbot: QtBot
) -> None:
    sources = Sources()
    window = open_window(open_source=sources, unmasker=Negative, source="0", found=Found((WEBCAM,)))
    window.begin()
    running(qtbot, window, sources)
    first = sources.last
    qtbot.waitUntil(lambda: "HD Webcam" in menu_texts(window), timeout=PATIENCE)
    assert menu_texts(window) == ["Demo clip", "HD Webcam", "Camera 0", "Video file…",
                                  "Network stream…"]  # fmt: skip
    action(window, "HD Webcam").trigger()
    qtbot.waitUntil(lambda: len(sources.made) == 2, timeout=PATIENCE)
    assert first.closed
    running(qtbot, window, sources)
    assert window.preferences.source == "HD Webcam"
    assert "HD Webcam" in window.windowTitle()


def menu_texts(window: Window) -> list[str]:
    return [a.text() for a in window.toolbar.source.menu().actions() if not a.isSeparator()]


def action(window: Window, text: str) -> QAction:
    return next(a for a in window.toolbar.source.menu().actions() if a.text() == text)


def test_stop_and_start(open_window: Open, qtbot: QtBot) -> None:
    sources = Sources()
    window = open_window(open_source=sources, unmasker=Negative, source="0")
    window.begin()
    running(qtbot, window, sources)
    QTest.keyClick(window, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: window.session.state is State.STOPPED, timeout=PATIENCE)
    assert window.stage.currentWidget() is window.stage.welcome
    assert threads_after(5) == []
    window.snapshots.take()
    assert "press Start first" in texts(window)[-1]
    window.toolbar.start.click()
    assert texts(window) == []
    running(qtbot, window, sources)
    assert len(sources.made) == 2


def test_what_was_said_of_a_run_goes_with_it(open_window: Open, qtbot: QtBot) -> None:
    sources = Sources()
    window = open_window(open_source=sources, unmasker=Negative, source="0")
    window.begin()
    running(qtbot, window, sources)
    sources.last.notify(Notice(NoticeKind.INFO, "this machine cannot keep up"))
    qtbot.waitUntil(lambda: texts(window) == ["this machine cannot keep up"], timeout=PATIENCE)
    window.session.stop()
    qtbot.waitUntil(lambda: window.session.state is State.STOPPED, timeout=PATIENCE)
    assert texts(window) == []


def test_stop_while_the_source_is_being_opened(open_window: Open, qtbot: QtBot) -> None:
    sources = Sources()
    window = open_window(open_source=sources, unmasker=Negative, source="0")
    window.begin()
    window.start_or_stop()
    qtbot.waitUntil(lambda: not window.session.busy, timeout=PATIENCE)
    assert window.session.state is State.STOPPED
    qtbot.waitUntil(lambda: all(s.closed for s in sources.made), timeout=PATIENCE)


def test_the_settings_say_what_a_camera_is_asked_for_by_itself(open_window: Open) -> None:
    page = open_window().settings
    assert page.resolution.itemText(0) == "Automatic (1280 × 720)"
    assert page.rate.itemText(0) == "Automatic (30)"


def test_settings_take_effect_and_are_remembered(open_window: Open, qtbot: QtBot) -> None:
    sources = Sources()
    window = open_window(open_source=sources, unmasker=Negative)
    window.toolbar.source.choose("0")
    window.start()
    running(qtbot, window, sources)
    QTest.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    page = window.settings
    assert page.isVisible()
    page.smoothing.setValue(80)
    page.mirror.click()
    page.badge_outputs.click()
    assert window.session.live.settings.smoothing == 0.8
    assert window.session.live.settings.mirror
    assert not window.session.live.settings.badge_outputs
    page.appearance.value = "light"
    assert window.theme.name == "light"
    page.resolution.value = "1280x720"  # asks the camera anew
    qtbot.waitUntil(lambda: len(sources.asked) == 2, timeout=PATIENCE)
    assert sources.asked[1] == ("0", (1280, 720), None)
    window.stage.picture.wipe = 0.25
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)
    again = open_window()
    assert again.settings.smoothing.value() == 80
    assert again.settings.mirror.isChecked()
    assert again.stage.picture.wipe == 0.25
    assert again.theme.name == "light"
    again.settings.reset.click()
    assert again.settings.smoothing.value() == 50
    assert not again.settings.mirror.isChecked()
    assert again.stage.picture.wipe == 0.25


def test_another_network_is_chosen_while_it_plays(
    open_window: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    """With the real networks: no restart, and the strip says what fills when it does."""
    window = open_window(source="demo", quality="best")
    window.begin()
    qtbot.waitUntil(lambda: window.session.state is State.RUNNING, timeout=PATIENCE)
    live = window.session.live
    page = window.settings
    assert [page.inpainter.itemText(k) for k in range(2)] == ["M-CSAM (default)", "M-CSAM small"]
    assert "half the cost" in page.inpainter.itemData(1, Qt.ItemDataRole.ToolTipRole)
    strip = window.strip.backend
    qtbot.waitUntil(lambda: strip.value.text().startswith("M-CSAM · "), timeout=PATIENCE)
    # What was said is kept, as the banner comes after the strip and goes by itself.
    said: list[str] = []
    window.session.noticed.connect(lambda notice: said.append(notice.text))
    page.inpainter.value = "inpainter-small"
    assert live.settings.inpainter == "inpainter-small"
    qtbot.waitUntil(lambda: strip.value.text().startswith("M-CSAM small · "), timeout=PATIENCE)
    assert "inpainter-small: " in strip.toolTip()
    assert window.session.live is live and window.session.state is State.RUNNING
    qtbot.waitUntil(lambda: "faces are invented by M-CSAM small now" in said, timeout=PATIENCE)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)
    again = open_window()
    assert again.settings.inpainter.value == "inpainter-small"
    again.settings.reset.click()
    assert again.settings.inpainter.value == "inpainter"


def test_a_remembered_network_that_is_gone_is_forgotten(open_window: Open) -> None:
    window = open_window(inpainter="inpainter-old")
    assert window.preferences.inpainter == window.settings.inpainter.value == "inpainter"
    assert window.settings.inpainter.findData("inpainter-old") < 0


def test_without_a_manifest_the_window_opens_and_the_run_says_why(
    open_window: Open, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unmask_live.runtime.manifest.engines_dir", lambda: tmp_path)
    window = open_window(source="demo")
    window.begin()
    qtbot.waitUntil(lambda: bool(texts(window)), timeout=PATIENCE)
    assert "the list of networks is missing" in texts(window)[0]


def test_closing_while_it_opens_plays_and_records_ends_every_thread(
    open_window: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    sources = Sources()
    window = open_window(open_source=sources, unmasker=Negative, source="0")
    window.begin(record=tmp_path / "out" / "take.mp4")
    running(qtbot, window, sources)
    for value in range(30):
        feed(sources, value)
        if window.session.live.recording is None:
            qtbot.wait(5)
    qtbot.waitUntil(lambda: window.session.live.recording is not None, timeout=PATIENCE)
    for value in range(5):
        feed(sources, value)
    assert not window.close()
    assert window.isVisible()  # it waits for the recording, and is not frozen meanwhile
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)
    assert threads_after(1.0) == []
    with av.open(str(tmp_path / "out" / "take.mp4")) as clip:
        assert sum(1 for _ in clip.decode(video=0)) >= 1


def test_a_folder_that_cannot_be_is_told_and_the_button_comes_out(
    open_window: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    sources = Sources()
    window = open_window(open_source=sources, unmasker=Negative, source="0")
    window.begin()
    running(qtbot, window, sources)
    (tmp_path / "out").write_text("a file")
    window.toolbar.record.click()
    qtbot.waitUntil(lambda: bool(texts(window)), timeout=PATIENCE)
    assert not window.toolbar.record.isChecked()
    assert window.recording.path is None
    window.toolbar.snapshot.click()
    qtbot.waitUntil(lambda: len(texts(window)) == 2, timeout=PATIENCE)


def test_recording_starts_what_is_to_be_recorded(open_window: Open, qtbot: QtBot) -> None:
    sources = Sources()
    window = open_window(open_source=sources, unmasker=Negative)
    window.toolbar.source.choose("0")
    QTest.keyClick(window, Qt.Key.Key_R)
    running(qtbot, window, sources)

    def records() -> bool:
        feed(sources)
        return window.session.live.recording is not None

    qtbot.waitUntil(records, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.toolbar.record.accessibleDescription() == "recording")
    finished: list[Path] = []
    window.recording.finished.connect(finished.append)
    QTest.keyClick(window, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: bool(finished), timeout=PATIENCE)
    qtbot.waitUntil(lambda: not window.toolbar.record.isChecked(), timeout=PATIENCE)


def test_a_virtual_camera_that_is_refused_switches_itself_off(
    open_window: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise UserError("no loopback: run `sudo modprobe v4l2loopback`")

    monkeypatch.setattr(outputs, "VirtualCamera", refuse)
    sources = Sources()
    window = open_window(open_source=sources, unmasker=Negative)
    window.toolbar.source.choose("0")
    QTest.keyClick(window, Qt.Key.Key_V)
    assert window.toolbar.virtual.isChecked()
    running(qtbot, window, sources)

    def refused() -> bool:
        feed(sources)
        return not window.toolbar.virtual.isChecked()

    qtbot.waitUntil(refused, timeout=PATIENCE)
    assert window.stage.banners.shown[-1].buttons[-1].text() == "Copy command"
    assert window.session.state is State.RUNNING


def test_the_virtual_camera_gets_what_is_shown_and_stays_on(
    open_window: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[np.ndarray] = []
    opened: list[tuple[int, int]] = []
    closed: list[bool] = []

    class Camera:
        description = "loopback /dev/video9"

        def __init__(self, size: tuple[int, int], fps: float, *, device: str | None) -> None:
            opened.append(size)

        def send(self, image: np.ndarray) -> None:
            sent.append(image)

        def repeat(self) -> None: ...

        def close(self) -> None:
            closed.append(True)

    monkeypatch.setattr(outputs, "VirtualCamera", Camera)
    sources = Sources()
    window = open_window(open_source=sources, unmasker=Negative, source="0")
    window.begin(virtual_camera=True)
    running(qtbot, window, sources)

    def fed() -> bool:
        feed(sources)
        return bool(sent)

    qtbot.waitUntil(fed, timeout=PATIENCE)
    assert sent[-1][45, 80].tolist() == [195, 195, 195]
    window.start()  # another run: the camera goes on in it, and is never closed
    qtbot.waitUntil(lambda: len(sources.made) == 2, timeout=PATIENCE)
    running(qtbot, window, sources)
    before = len(sent)
    qtbot.waitUntil(lambda: fed() and len(sent) > before, timeout=PATIENCE)
    assert window.toolbar.virtual.isChecked()
    window.session.stop()
    qtbot.waitUntil(lambda: sent[-1].shape == (2, 2, 3), timeout=PATIENCE)
    assert not sent[-1].any(), "whoever has stopped is not seen any more"
    assert (len(opened), closed) == (1, [])
    window.toolbar.virtual.click()
    qtbot.waitUntil(lambda: len(closed) == 1, timeout=PATIENCE)
    assert not window.toolbar.virtual.isChecked()


def test_escape_closes_what_is_open_topmost_first(open_window: Open) -> None:
    window = open_window()
    window.toolbar.settings.click()
    QTest.keyClick(window, Qt.Key.Key_F1)
    assert window.help.isVisible()
    assert window.settings.isVisible()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.help.isVisible()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.settings.isVisible()
    QTest.keyClick(window, Qt.Key.Key_F)
    assert window.isFullScreen()
    assert not window.toolbar.isVisible()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert window.toolbar.isVisible()


def test_an_error_in_a_slot_is_a_banner(open_window: Open) -> None:
    window = open_window()
    window.messages.surprise("something went wrong (KeyError: 1)")
    assert texts(window) == ["something went wrong (KeyError: 1)"]


def test_the_demo_plays_for_real_and_is_recorded(
    open_window: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window(source="demo")
    window.begin()
    qtbot.waitUntil(lambda: window.picture_on, timeout=PATIENCE)

    def face_was_filled() -> bool:
        newest = window.snapshots.newest
        return newest is not None and any(f.matte.any() for f in newest.result.faces)

    qtbot.waitUntil(face_was_filled, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.strip.fps.value.text().endswith("fps"), timeout=PATIENCE)
    assert window.session.live.backends
    saved: list[Path] = []
    window.snapshots.saved.connect(saved.append)
    QTest.keyClick(window, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: bool(saved), timeout=PATIENCE)
    assert read_picture(saved[0]).image.shape == window.snapshots.newest.output.shape

    finished: list[Path] = []
    window.recording.finished.connect(finished.append)
    QTest.keyClick(window, Qt.Key.Key_R)
    assert window.toolbar.record.isChecked()
    times: list[float] = []
    window.session.shown.connect(
        lambda shown: window.session.live.recording and times.append(shown.frame.seconds)
    )
    qtbot.waitUntil(lambda: bool(times) and times[-1] - times[0] > 2.0, timeout=PATIENCE)
    QTest.keyClick(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: bool(finished), timeout=PATIENCE)
    assert not window.toolbar.record.isChecked()
    assert finished[0].parent == tmp_path / "out"
    with av.open(str(finished[0])) as clip:
        assert COMMENT in clip.metadata["comment"]
        shown = [float(f.pts * f.time_base) for f in clip.decode(video=0)]
    assert shown[-1] - shown[0] >= 1.8
    assert all(a < b for a, b in pairwise(shown))
    assert any(finished[0].name in text for text in texts(window))
