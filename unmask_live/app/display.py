"""What the window shows of a run: its pictures, its state, its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unmask_live.app import signs
from unmask_live.app.messages import LIVE_KEYS
from unmask_live.app.shortcuts import tip
from unmask_live.app.signs import Sign
from unmask_live.app.theme import DARK
from unmask_live.app.timers import timer
from unmask_live.live import Shown
from unmask_live.state import State

if TYPE_CHECKING:
    from unmask_live.app.window import Window

TITLE = "unmask_live"
LOOK_MS = 500
"""How often the figures and the buttons are brought up to date."""
MASKS_ON = "off, masks stay on"
CONVERTING = "converting"
LOST = "waiting for the source"
_NAMES = {
    State.IDLE: "ready",
    State.STARTING: "starting",
    State.RUNNING: "live",
    State.STOPPING: "stopping",
    State.STOPPED: "ready",
    State.FAILED: "failed",
}


class Display:
    """Follows the session: frames to the picture, the rest to toolbar, strip and title."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._lost = False
        window.session.shown.connect(self._show)
        window.session.state_changed.connect(self.show_state)
        window.recording.changed.connect(lambda _: self.show_signs())
        window.virtual.changed.connect(lambda _: self.show_signs())
        timer(window, LOOK_MS, self._look).start()

    @property
    def lost(self) -> bool:
        """Whether the source is away while the run waits for it."""
        return self._lost

    @lost.setter
    def lost(self, lost: bool) -> None:
        self._lost = lost
        self._window.stage.picture.dimmed = lost
        self._window.stage.picture.update()
        self.show_state(self._window.session.state)

    def show_state(self, state: State) -> None:
        """Bring everything in line with where the run stands."""
        window = self._window
        going = state in (State.STARTING, State.RUNNING)
        window.toolbar.show_running(going, ready=state is not State.STOPPING)
        colours = {
            State.RUNNING: window.theme.good,
            State.STARTING: window.theme.warning,
            State.FAILED: window.theme.bad,
        }
        self._lost = self._lost and state is State.RUNNING
        if self._lost:
            window.strip.show_state(LOST, window.theme.warning, loud=True)
        elif window.converting.busy and not going:
            window.strip.show_state(CONVERTING, window.theme.accent)
        else:
            window.strip.show_state(_NAMES[state], colours.get(state, window.theme.muted))
        label, welcome = window.toolbar.source.label, window.stage.welcome
        if going:
            welcome.show_starting(label)
        else:
            welcome.show_idle(label)
        if state.over:
            self._clear()
        window.setWindowTitle(f"{label} – {TITLE}" if going and label else TITLE)

    def show_signs(self) -> None:
        """Say over the picture what must not be overlooked; in full screen the buttons are gone."""
        window, shown = self._window, []
        if not window.preferences.unmask:
            shown.append(Sign(signs.MASKS_ON, DARK.warning))
        if window.isFullScreen():
            seconds = window.recording.seconds
            if seconds is not None:
                shown.append(Sign(signs.recording(seconds), DARK.bad))
            if window.virtual.on:
                shown.append(Sign(signs.SENDING, DARK.good))
        window.stage.picture.signs = tuple(shown)

    def _clear(self) -> None:
        """Go back to the page that offers to start."""
        window = self._window
        window.snapshots.newest = None
        for key in LIVE_KEYS:
            window.stage.banners.dismiss(key)
        window.strip.clear()
        if window.picture_on:
            window.stage.setCurrentWidget(window.stage.welcome)
            window.stage.picture.clear()
            window.focus_stage()

    def _show(self, shown: Shown) -> None:
        window = self._window
        window.snapshots.newest = shown
        if self._lost:
            self.lost = False
        window.stage.picture.show_frame(shown.frame.image, shown.view, shown.result.faces)
        if window.stage.currentWidget() is window.stage.welcome:
            window.stage.setCurrentWidget(window.stage.picture)
            window.focus_stage()

    def _look(self) -> None:
        window = self._window
        window.recording.look()
        window.virtual.look()
        live = window.session.live
        if live is not None and window.session.state is State.RUNNING:
            name = live.inpainter
            title = window.inpainters.get(name, name)
            figures = live.statistics.snapshot()
            level = live.level if window.preferences.unmask else MASKS_ON
            window.strip.show_figures(figures, live.backends, level, name, title)
            said = live.source_description or live.source_label
            window.toolbar.source.setToolTip(f"{said}\n{tip('sources')}")
