from __future__ import annotations

import threading
from typing import cast

from pytestqt.qtbot import QtBot
from windows import PATIENCE

from unmask_live.app.bridge import Bridge
from unmask_live.live import Shown
from unmask_live.state import State
from unmask_live.video.capture import Notice, NoticeKind


def frame(number: int) -> Shown:
    return cast(Shown, number)


def test_a_slow_window_gets_the_newest_frame_once(qtbot: QtBot) -> None:
    bridge, calls = Bridge(), []
    bridge.frame_ready.connect(lambda: calls.append(bridge.take()))
    run = bridge.next_run()

    def present() -> None:
        for number in range(1, 101):
            bridge.on_shown(run, frame(number))

    thread = threading.Thread(target=present)
    thread.start()
    thread.join()  # the GUI thread was busy all the while
    qtbot.waitUntil(lambda: bool(calls), timeout=PATIENCE)
    assert calls == [100]
    assert bridge.take() is None
    bridge.on_shown(run, frame(101))
    qtbot.waitUntil(lambda: calls == [100, 101], timeout=PATIENCE)


def test_an_earlier_run_is_not_heard(qtbot: QtBot) -> None:
    bridge = Bridge()
    old = bridge.next_run()
    bridge.on_shown(old, frame(1))
    new = bridge.next_run()
    bridge.on_shown(old, frame(2))
    assert bridge.take() is None
    bridge.on_shown(new, frame(3))
    assert bridge.take() == 3


def test_words_come_in_the_gui_thread_with_their_run(qtbot: QtBot) -> None:
    bridge, told = Bridge(), []
    here = threading.current_thread()
    bridge.noticed.connect(lambda *said: told.append((*said, threading.current_thread() is here)))
    bridge.state_changed.connect(lambda *s: told.append((*s, threading.current_thread() is here)))
    notice = Notice(NoticeKind.LOST, "gone")

    def present() -> None:
        bridge.on_notice(4, notice)
        bridge.on_state(4, State.STOPPED)

    thread = threading.Thread(target=present)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(told) == 2, timeout=PATIENCE)
    assert told == [(4, notice, True), (4, State.STOPPED, True)]
