"""The status strip: how fast, how late, what was dropped, and what truly runs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFont, QFontMetrics, QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from unmask_live.app.controls import label
from unmask_live.app.delay import SteadyDelay
from unmask_live.app.theme import DARK, Theme
from unmask_live.quality import INPAINTER, LEVELS
from unmask_live.statistics import Figures, Snapshot
from unmask_live.unmasker import STAGES

HEIGHT = 34
SHOWN_STAGES = ("find", "segment", "inpaint")
"""The stages that cost; the others are in the tooltip."""
_NONE = "–"
_REASON = re.compile(r", not (\w+(?::\w+)?): .*", re.DOTALL)
_DETAIL = re.compile(r"\s*\([^)]*\)|\s\d+(\.\d+)+")


class Cell(QWidget):
    """A caption and a value whose width never changes with its digits."""

    def __init__(self, caption: str, widest: str, tip: str) -> None:
        super().__init__()
        self._widest = widest
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        self.value = label(_NONE)
        if caption:
            row.addWidget(label(caption, "caption"))
        row.addWidget(self.value)
        self.setToolTip(tip)
        self.setAccessibleName(caption or tip)

    def say(self, text: str) -> None:
        """Show a value."""
        if text != self.value.text():
            self.value.setText(text)
            self.setAccessibleDescription(text)

    def fix_width(self) -> None:
        """Keep room for the widest value, in the font that the style sheet has set."""
        self.value.ensurePolished()
        font = self.value.font()
        if hasattr(font, "setFeature"):  # Qt 6.7: digits of one width
            font.setFeature(QFont.Tag("tnum"), 1)
            self.value.setFont(font)
        metrics = QFontMetrics(self.value.font())
        self.value.setMinimumWidth(metrics.horizontalAdvance(self._widest) + 2)


class Strip(QFrame):
    """One line of figures; the least important give way where there is no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self.setFixedHeight(HEIGHT)
        self._theme = DARK
        self._dot = QLabel()
        self._dot.setFixedSize(8, 8)
        self._state = label("", "caption")
        self._running = self._loud = False
        self._steady = SteadyDelay()
        self.fps = Cell("", "00.0 fps", "Frames shown a second")
        self.stages = Cell(
            "", "000 ms  find 00 · segment 00 · inpaint 00", "Milliseconds a frame, by stage"
        )
        self.age = Cell("age", "0000 ms", "From the camera to the screen: 95 of 100 frames")
        self.dropped = Cell("dropped", "0000", "Frames left out because newer ones came")
        self.level = Cell(
            "quality",
            max((level.name for level in LEVELS), key=len),
            "What the speed of this machine allows",
        )
        self.delay = Cell(
            "mic delay",
            "0000 ms",
            "Set your microphone's delay to this in OBS or the call, so that lips and voice agree",
        )
        self.backend = Cell("", _NONE, "What truly runs the networks")
        self._lay_out()

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells, the most important first."""
        return (
            self.fps, self.age, self.backend, self.dropped, self.delay, self.level, self.stages
        )  # fmt: skip

    @property
    def state(self) -> str:
        """Where the run stands, as it is shown."""
        return self._state.text()

    def apply(self, theme: Theme) -> None:
        """Take a theme's colours."""
        self._theme = theme
        for cell in self.cells:
            cell.fix_width()
        self._show_what_fits()

    def show_state(self, text: str, colour: str, *, loud: bool = False) -> None:
        """Show where the run stands, as a dot and its name; ``loud`` beside the figures too."""
        self._loud = loud
        self._dot.setStyleSheet(f"background: {colour}; border-radius: 4px;")
        self._dot.setToolTip(text)
        self._dot.setAccessibleName(text)
        self._state.setText(text)
        self._show_what_fits()

    def clear(self) -> None:
        """Show nothing but the state."""
        self._running = False
        self._steady.clear()
        for cell in self.cells:
            cell.say(_NONE)
        self._show_what_fits()

    def show_figures(
        self,
        figures: Snapshot,
        backends: Mapping[str, str],
        level: str,
        inpainter: str = INPAINTER,
        title: str = "",
    ) -> None:
        """Show a run's figures; called twice a second.

        Parameters
        ----------
        inpainter, title : the one in use, by its name and for people
        """
        self._running = late = figures.age.count > 0
        self.fps.say(f"{figures.fps:.1f} fps")
        self.fps.setToolTip(  # with what has no room in a narrow window
            f"Frames shown a second; the source gives {figures.source_fps:.1f}\n"
            f"Quality: {level}\n{stages_text(figures.stages)}"
        )
        self.stages.say(stages_text(figures.stages))
        self.stages.setToolTip(stages_tip(figures.stages))
        self.age.say(f"{figures.age.p95:.0f} ms" if late else _NONE)
        delay = self._steady.add(figures.age.median) if late else None
        self.delay.say(_NONE if delay is None else f"{delay} ms")
        self.dropped.say(str(sum(figures.dropped_in_all.values())))
        self.level.say(level)
        runs = backend_text(backends, inpainter)
        self.backend.say(f"{title} · {runs}" if title else runs)
        self.backend.setToolTip(
            "What truly runs the networks\n"
            + "\n".join(f"{name}: {text}" for name, text in backends.items())
        )
        self._show_what_fits()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Leave out what does not fit."""
        self._show_what_fits()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 14, 0)
        row.setSpacing(22)
        row.addWidget(self._dot)
        row.addWidget(self._state)
        for cell in (self.fps, self.stages, self.age, self.dropped, self.level, self.delay):
            row.addWidget(cell)
        row.addStretch()
        row.addWidget(self.backend, 0, Qt.AlignmentFlag.AlignRight)

    def _show_what_fits(self) -> None:
        room = self.width() - 14 - 14 - 8
        if self._loud:
            room -= self._state.sizeHint().width() + 22
        for cell in self.cells:
            room -= cell.sizeHint().width() + 22
            cell.setVisible(self._running and room >= 0)
        self._state.setVisible(self._loud or not self._running)


def stages_text(stages: Mapping[str, Figures]) -> str:
    """Return ``26 ms  find 3 · segment 7 · inpaint 13``; a dash before the first frame."""
    whole = sum(stages[name].median for name in STAGES if name in stages)
    if not whole:
        return _NONE
    parts = " · ".join(
        f"{name} {stages[name].median:.0f}" for name in SHOWN_STAGES if name in stages
    )
    return f"{whole:.0f} ms  {parts}"


def stages_tip(stages: Mapping[str, Figures]) -> str:
    """Return a line for every stage with median and 95th percentile."""
    lines = [f"{name}: {f.median:.1f} ms, p95 {f.p95:.1f} ms" for name, f in stages.items()]
    return "\n".join(["Milliseconds a frame, by stage", *lines])


def backend_text(backends: Mapping[str, str], inpainter: str = INPAINTER) -> str:
    """Return what runs the inpainter, which costs most, without version and processor.

    What was passed over is named; why, the tip says.
    """
    if not backends:
        return _NONE
    text = backends.get(inpainter) or next(iter(backends.values()))
    return _DETAIL.sub("", _REASON.sub(r", not \1", text)).strip()
