"""Between the live picture and a conversion: who has the stage and the processor."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QFileDialog

from unmask_live.app.banner import Message
from unmask_live.app.conversion import Job, check, jobs_for
from unmask_live.app.trouble import sentence
from unmask_live.unmasker import Unmasker
from unmask_live.video import pictures
from unmask_live.video.names import VIDEO_SUFFIXES

if TYPE_CHECKING:
    from unmask_live.app.window import Window

KEY = "convert"


class Converting:
    """Begins conversions and comes back from them.

    The live run is stopped meanwhile, since both would only get half the processor; unless
    somebody watches: then it goes on, and the conversion takes longer.
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        self._page = window.stage.convert
        self._resume = False
        self._page.left.connect(lambda: self.leave(resume=True))
        self._page.finished.connect(lambda _: self._done())

    @property
    def on_stage(self) -> bool:
        """Whether a conversion, or what came of it, is on the stage."""
        return self._window.stage.currentWidget() is self._page

    @property
    def busy(self) -> bool:
        """Whether a conversion is going on."""
        return self._page.busy

    def ask(self) -> None:
        """Let the user pick files."""
        kinds = " ".join(f"*{suffix}" for suffix in (*VIDEO_SUFFIXES, *pictures.SUFFIXES))
        paths, _ = QFileDialog.getOpenFileNames(
            self._window, "Convert", "", f"Videos and pictures ({kinds});;All files (*)"
        )
        if paths:
            self.begin([Path(path) for path in paths])

    def begin(self, paths: Sequence[Path]) -> None:
        """Convert files; one after the other, beside where they are."""
        say = self._window.stage.banners.say
        if self.busy:
            say(Message("A conversion is going on: wait for its end, or cancel it", "warning", KEY))
            return
        self._window.tasks.run(  # looks at the disk, which may sleep
            lambda: check(jobs_for(paths)),
            self._start,
            lambda error: say(Message(sentence(error), "bad", KEY)),
            name="look-at-files",
        )

    def stop(self) -> None:
        """Cancel what is going on."""
        self._page.stop()

    def leave(self, *, resume: bool) -> None:
        """Give the stage back to the live picture; ``resume`` starts it again if it ran."""
        window = self._window
        if self.busy or not self.on_stage:
            return
        window.stage.banners.dismiss(KEY)
        running = window.session.live is not None
        window.toolbar.show_page(live=True)
        window.stage.setCurrentWidget(window.stage.picture if running else window.stage.welcome)
        window.focus_stage()
        again, self._resume = self._resume, False
        if resume and again:
            window.start()

    def _start(self, jobs: Sequence[Job]) -> None:
        window = self._window
        if self.busy:
            return
        watched = window.virtual.on or window.recording.path is not None
        if window.session.busy and not watched:
            self._resume = True  # and stays so if another file is dropped before "Back"
            window.session.stop()
        chosen = window.preferences
        make = partial(
            Unmasker,
            backend=chosen.backend,
            finder=chosen.finder,
            inpainter=chosen.inpainter,
            overlapped=True,
        )
        window.stage.banners.dismiss(KEY)
        window.stage.setCurrentWidget(self._page)
        window.toolbar.show_page(live=False)
        self._page.begin(jobs, make)
        window.display.show_state(window.session.state)

    def _done(self) -> None:
        window = self._window
        window.stage.banners.dismiss(KEY)
        window.display.show_state(window.session.state)
