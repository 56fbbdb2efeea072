"""What a run says, as banners: failures with a way on, lost and found cameras, notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unmask_live.app import folders
from unmask_live.app.banner import Message
from unmask_live.app.trouble import sentence
from unmask_live.video.capture import Notice, NoticeKind

if TYPE_CHECKING:
    from unmask_live.app.window import Window

LIVE_KEYS = ("lost", "back", "info")
"""Banners that say how the run fares: they mean nothing when it is over."""


class Messages:
    """Turns errors and notices into banners of the window."""

    def __init__(self, window: Window) -> None:
        self._window = window
        window.session.failed.connect(self.fail)
        window.session.noticed.connect(self.notice)

    def fail(self, error: BaseException) -> None:
        """Say why the run ended, and offer what can be done about it."""
        window = self._window
        again = ("Try again", window.start)
        other = ("Choose another", window.toolbar.source.showMenu)
        window.stage.banners.dismiss("lost")
        window.stage.banners.say(
            Message(sentence(error), "bad", key="failed", buttons=(again, other))
        )

    def notice(self, notice: Notice) -> None:
        """Show a notice; a lost source dims the last picture until it is back."""
        window, kind = self._window, notice.kind
        banners = window.stage.banners
        if kind is NoticeKind.LOST:
            window.display.lost = True
            other = ("Choose another", window.toolbar.source.showMenu)
            banners.say(Message(notice.text, "warning", key="lost", buttons=(other,)))
        elif kind is NoticeKind.BACK:
            window.display.lost = False
            banners.dismiss("lost")
            banners.say(Message(notice.text, "good", key="back", passing=True))
        elif kind is NoticeKind.WARNING:
            banners.say(Message(notice.text, "warning"))
        elif notice.path is not None:
            folder = notice.path.parent
            show = ("Open folder", lambda: folders.show_folder(folder))
            text = notice.text.replace(str(notice.path), notice.path.name)
            banners.say(Message(text, "good", buttons=(show,), passing=True))
        else:
            banners.say(Message(notice.text, "info", key="info", passing=True))

    def surprise(self, text: str) -> None:
        """Tell of an error that nobody foresaw."""
        self._window.stage.banners.say(Message(text, "bad", key="surprise"))
