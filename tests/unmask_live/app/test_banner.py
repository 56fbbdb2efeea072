from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from windows import PATIENCE

from unmask_live.app import banner
from unmask_live.app.banner import Message
from unmask_live.app.banners import SHARE, Banners


@pytest.fixture
def stack(qtbot: QtBot) -> Iterator[Banners]:
    stage = QWidget()
    qtbot.addWidget(stage)
    stage.resize(900, 600)
    stage.show()
    yield Banners(stage)


def words(stack: Banners) -> list[str]:
    return [each.message.text for each in stack.shown]


def test_a_message_replaces_one_of_its_key_or_text(stack: Banners) -> None:
    for text, key in (("lost", "a"), ("back", "a"), ("other", ""), ("other", "")):
        stack.say(Message(text, key=key))
    assert words(stack) == ["back", "other"]


def test_the_oldest_gives_way(stack: Banners) -> None:
    for number in range(5):
        stack.say(Message(str(number)))
    assert words(stack) == ["2", "3", "4"]


def test_what_needs_nothing_goes_by_itself_and_the_rest_stays(
    stack: Banners, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(banner, "PASSING_MS", 30)
    stack.say(Message("stays"))
    stack.say(Message("goes", key="same", passing=True))
    stack.say(Message("goes too", key="same", passing=True))
    qtbot.waitUntil(lambda: words(stack) == ["stays"], timeout=PATIENCE)
    stack.dismiss_last()
    assert not stack.isVisible()
    assert not stack.dismiss_last()


def test_a_button_acts_and_closes(stack: Banners) -> None:
    done: list[str] = []
    stack.say(Message("failed", buttons=(("Try again", lambda: done.append("again")),)))
    stack.shown[0].buttons[0].click()
    assert done == ["again"]
    assert stack.shown == []


def test_a_command_is_copied_and_the_banner_stays(stack: Banners) -> None:
    stack.say(Message("no loopback: run `sudo modprobe v4l2loopback <x>` first"))
    copy = stack.shown[0].buttons[-1]
    assert copy.text() == "Copy command"
    copy.click()
    assert QGuiApplication.clipboard().text() == "sudo modprobe v4l2loopback <x>"
    assert len(stack.shown) == 1
    assert "&lt;x&gt;</code>" in stack.shown[0].words.text()


def test_several_commands_are_copied_line_by_line(stack: Banners) -> None:
    stack.say(Message("run `sudo apt install x`, then `sudo modprobe x`"))
    copy = stack.shown[0].buttons[-1]
    assert copy.text() == "Copy commands"
    copy.click()
    assert QGuiApplication.clipboard().text() == "sudo apt install x\nsudo modprobe x"


@pytest.mark.parametrize(
    ("text", "begins"),
    [("there is none", "There"), ("/tmp/a is there", "/tmp"), ("a.mp4 is", "a.mp4"), ("", "")],
)
def test_a_sentence_begins_with_a_capital_but_no_name_is_changed(
    stack: Banners, text: str, begins: str
) -> None:
    stack.say(Message(text))
    assert stack.shown[0].words.text().startswith(begins)


@pytest.mark.parametrize(("room", "shown"), [(3.5, 3), (2.5, 2), (0.5, 1)])
def test_where_there_is_no_room_the_newest_is_shown(
    stack: Banners, room: float, shown: int
) -> None:
    for number in range(3):
        stack.say(Message(f"{number} " + "a sentence that needs a second line here " * 3))
    # In banners of this text, whatever font there is.
    height = round(room * (stack.shown[0].heightForWidth(616) + 8) / SHARE)
    stack.place(640, height)
    visible = [each for each in stack.shown if not each.isHidden()]
    assert visible == stack.shown[-shown:]
    assert shown == 1 or stack.y() > 0.79 * height, "the wipe's handle stays free, and a face"
    assert stack.geometry().bottom() < height
