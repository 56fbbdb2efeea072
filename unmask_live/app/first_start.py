"""What the window does when it opens: what was last used, a camera, or the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unmask_live.app.banner import Message
from unmask_live.app.sources import DEMO_LABEL, Found
from unmask_live.video.capture import DEMO

if TYPE_CHECKING:
    from unmask_live.app.window import Window

KEY = "no-camera"
_CONNECT = "no camera was found, so connect one and choose it at the top left"


class FirstStart:
    """Decides once, when the cameras are known."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._decided = True

    def begin(self) -> None:
        """Run the remembered source, or look what there is first."""
        source = self._window.toolbar.source
        self._decided = bool(source.spec)
        source.found.connect(self._take)
        source.refresh()
        if self._decided:
            self._window.start()

    def _take(self, found: Found) -> None:
        window = self._window
        if found.cameras:
            window.stage.banners.dismiss(KEY)
        if self._decided:
            return
        self._decided = True
        source = window.toolbar.source
        if source.spec:  # the user was quicker
            return
        if found.cameras:
            # Not started: a camera's light should go on because somebody asked for it.
            source.choose(source.spec_of(found.cameras[0]), found.cameras[0].name)
            window.stage.welcome.show_idle(source.label)
            return
        source.choose(DEMO, DEMO_LABEL)
        text = f"The demo clip plays: {found.problem or _CONNECT}"
        window.stage.banners.say(
            Message(text, "info", key=KEY, buttons=(("Look again", source.refresh),))
        )
        window.start()
