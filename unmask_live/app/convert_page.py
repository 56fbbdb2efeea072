"""The page that converts files: the frame just done, progress, time left, and the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from unmask_live.app import folders
from unmask_live.app.controls import label, push_button
from unmask_live.app.conversion import Conversion, Job, Outcome
from unmask_live.app.pace import in_words
from unmask_live.app.picture import Picture
from unmask_live.app.tasks import Tasks
from unmask_live.app.timers import timer
from unmask_live.app.trouble import sentence
from unmask_live.unmasker import Unmasker

LOOK_MS = 100


class ConvertPage(QWidget):
    """Runs one conversion at a time."""

    left = pyqtSignal()
    finished = pyqtSignal(list)  # of Outcome

    def __init__(self, tasks: Tasks) -> None:
        super().__init__()
        self._tasks = tasks
        self._conversion: Conversion | None = None
        self._shown: object = None
        self._folder: Path | None = None
        self.picture = Picture()
        self.title = label("", "title")
        self.note = label("", "note", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self.cancel = push_button("Cancel")
        self.open = push_button("Open folder", "primary")
        self.back = push_button("Back")
        self._look = timer(self, LOOK_MS, self._refresh)
        self.cancel.clicked.connect(self.stop)
        self.open.clicked.connect(self._open_folder)
        self.back.clicked.connect(self.left)
        self._lay_out()

    @property
    def busy(self) -> bool:
        """Whether a conversion is going on."""
        return self._conversion is not None

    def begin(self, jobs: Sequence[Job], open_unmasker: Callable[[], Unmasker]) -> None:
        """Start converting; a second one while the first goes on is a bug."""
        if self._conversion is not None:
            raise RuntimeError("a conversion is going on already")
        conversion = self._conversion = Conversion(jobs, open_unmasker)
        self._folder = jobs[0].target.parent
        self.picture.clear()
        self._show_buttons(busy=True)
        self._refresh()
        self._look.start()
        self._tasks.run(conversion.run, self._end, self._fail, name="convert")

    def stop(self) -> None:
        """Ask the conversion to end; the page says so when it has."""
        if self._conversion is not None:
            self._conversion.cancel()
            self.cancel.setEnabled(False)
            self.note.setText("Cancelling…")

    def _refresh(self) -> None:
        conversion = self._conversion
        if conversion is None:
            return
        progress, preview = conversion.progress, conversion.preview
        if preview is not None and preview is not self._shown:
            self._shown = preview
            self.picture.show_frame(preview.before, preview.after, preview.faces)
        count = f"  ({progress.number} of {progress.of})" if progress.of > 1 else ""
        self.title.setText(f"Converting {progress.job.source.name}{count}")
        self.bar.setRange(0, progress.total or 0)
        self.bar.setValue(min(progress.frames, progress.total or 0))
        if not conversion.cancelled:
            self.note.setText(_progress_text(progress.frames, progress.rate, progress.left))

    def _end(self, outcomes: list[Outcome]) -> None:
        self._refresh()
        cancelled = self._conversion is not None and self._conversion.cancelled
        self._close_run()
        title, text = _summary(outcomes, cancelled)
        self.title.setText(title)
        self.note.setText(text)
        self.open.setVisible(any(outcome.done for outcome in outcomes))
        self.finished.emit(outcomes)

    def _fail(self, error: BaseException) -> None:
        self._close_run()
        self.title.setText("Nothing was converted")
        self.note.setText(sentence(error))
        self.open.hide()
        self.finished.emit([])

    def _close_run(self) -> None:
        self._look.stop()
        self._conversion = None
        self._show_buttons(busy=False)

    def _show_buttons(self, *, busy: bool) -> None:
        self.cancel.setEnabled(True)
        self.cancel.setVisible(busy)
        self.bar.setVisible(busy)
        self.open.setVisible(not busy)
        self.back.setVisible(not busy)

    def _open_folder(self) -> None:
        if self._folder is not None:
            folders.show_folder(self._folder)

    def _lay_out(self) -> None:
        self.panel = panel = QFrame()
        panel.setObjectName("strip")
        words = QVBoxLayout()
        words.setSpacing(5)
        for widget in (self.title, self.bar, self.note):
            words.addWidget(widget)
        row = QHBoxLayout(panel)
        row.setContentsMargins(20, 14, 20, 14)
        row.setSpacing(10)
        row.addLayout(words, 1)
        row.addSpacing(14)
        for button in (self.cancel, self.back, self.open):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.picture, 1)
        column.addWidget(panel)


def _progress_text(frames: int, rate: float, left: float | None) -> str:
    if not frames:
        return "Starting…"
    parts = [f"{in_words(left)} left"] if left is not None else [f"{frames} frames"]
    return " · ".join([*parts, f"{rate:.0f} frames a second"])


def _summary(outcomes: Sequence[Outcome], cancelled: bool) -> tuple[str, str]:
    """Return title and text for how it ended."""
    done = [outcome for outcome in outcomes if outcome.done]
    failed = [outcome for outcome in outcomes if not outcome.done]
    if cancelled:
        return "Cancelled", f"{len(done)} finished; no unfinished file was left behind"
    if failed:
        title = f"{len(failed)} of {len(outcomes)} failed" if done else "Not converted"
        return title, failed[0].text
    if len(done) == 1:
        return done[0].job.target.name, done[0].text
    return f"{len(done)} files converted", f"They are in {done[0].job.target.parent}"
