"""A live run without a window: a status line a second, notices as lines, a summary at the end."""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import typer
from rich.console import Console
from rich.live import Live as Display
from rich.text import Text

from unmask_live.commands.console import complain, describe, remark
from unmask_live.errors import UserError
from unmask_live.live import Live, State
from unmask_live.settings import Settings
from unmask_live.statistics import Snapshot
from unmask_live.unmasker import Unmasker
from unmask_live.video.capture import LiveSource, Notice, NoticeKind

TICK = 0.1
"""Seconds between two looks at what is to be printed."""
EVERY = 1.0
"""Seconds between two status lines."""
MEASURED = 3.0
"""Seconds into a run after which its source is described again: its rate is known by then."""
_END = 5.0
"""Seconds that the threads are given to end."""


def run_headless(
    source: LiveSource,
    *,
    settings: Settings,
    backend: str = "auto",
    finder: str = "ours",
    record: Path | None = None,
    force: bool = False,
    virtual_camera: bool = False,
    device: str | None = None,
    seconds: float | None = None,
    unmasker: Callable[[], Unmasker] | None = None,
) -> None:
    """Run until Ctrl-C, the end of the source, or for ``seconds`` from the first frame.

    The recording's path goes to stdout, the rest to stderr.

    Raises
    ------
    UserError
        when the run fails, or when all that was to take the pictures has failed
    """
    notices: deque[Notice] = deque(maxlen=64)
    live = Live(
        source,
        backend=backend,
        finder=finder,
        unmasker=unmasker,
        settings=settings,
        on_shown=lambda _: None,
        on_notice=notices.append,
    )
    if record is not None:
        live.record(record, force)
    if virtual_camera:
        live.virtual_camera(True, device)
    watch = _Watch(live, notices, sent=record is not None or virtual_camera, seconds=seconds)
    with _interrupts(watch.end) as killed:
        live.start()
        try:
            watch.until_over()
        finally:
            live.stop()
            ended = live.join(_END)
            watch.say_notices()
    if not ended:
        complain("a thread does not end, most likely in a driver; the program leaves it behind")
    watch.sum_up()
    if killed:
        raise SystemExit(128 + killed[0])
    if live.error is not None:
        text = describe(live.error) if isinstance(live.error, Exception) else repr(live.error)
        raise UserError(text) from live.error
    if watch.failure is not None:
        raise UserError(watch.failure)
    if record is not None:
        typer.echo(str(record))


@contextmanager
def _interrupts(end: Callable[[], None]) -> Iterator[list[int]]:
    """Let Ctrl-C and a polite kill call ``end``, however often, and list the kills.

    Ctrl-C is how such a run ends. Neither may break off what finishes a recording.
    """
    killed: list[int] = []

    def interrupted(number: int, _: FrameType | None) -> None:
        if number == signal.SIGTERM:
            killed.append(number)
        end()

    before = {n: signal.signal(n, interrupted) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield killed
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Watch:
    """Prints what a run tells; all of it in the main thread."""

    def __init__(
        self, live: Live, notices: deque[Notice], *, sent: bool, seconds: float | None
    ) -> None:
        self._live, self._notices, self._sent, self._seconds = live, notices, sent, seconds
        self._warning = "nothing takes the pictures any more"
        self._since: float | None = None
        self._described: list[str] = []
        self._over = False
        self.failure: str | None = None
        console = Console(stderr=True)
        # It draws when told: a display that refreshed itself would be a thread of its own.
        self._display = Display(console=console, auto_refresh=False, transient=True)
        self._drawn = console.is_terminal

    def end(self) -> None:
        """Let `until_over` return soon."""
        self._over = True

    def until_over(self) -> None:
        """Print until the run is over, its time has come, or nothing takes its pictures."""
        if self._drawn:
            with self._display:
                self._loop()
        else:
            self._loop()

    def _loop(self) -> None:
        due = time.monotonic() + EVERY
        while not self._over and not self._live.join(TICK):
            now = time.monotonic()
            self.say_notices()
            if self._live.state is State.RUNNING:
                self._over = self._over or self._is_done(now)
            if now >= due:
                due += EVERY
                self._say_status()

    def _is_done(self, now: float) -> bool:
        """Tell whether a run that has begun is to end."""
        live = self._live
        if self._since is None:
            self._since = now
            self._describe()
            for name, text in live.backends.items():
                remark(f"{name}: {text}")
        if now - self._since >= MEASURED and len(self._described) == 1:
            self._describe()
        if self._sent and not live.sending:
            self.failure = self._warning
        over = self._seconds is not None and now - self._since >= self._seconds
        return over or self.failure is not None

    def _describe(self) -> None:
        """Print what comes, unless it was said before: a camera's true rate is known only later."""
        text = f"{self._live.source_label}: {self._live.source_description}"
        if text not in self._described:
            remark(text)
        self._described.append(text)

    def say_notices(self) -> None:
        """Print what has come; a lasting warning becomes the error when nothing works."""
        while self._notices:
            notice = self._notices.popleft()
            if notice.kind is NoticeKind.WARNING:
                self._warning = notice.text
            remark(f"{notice.kind.value}: {notice.text}")

    def sum_up(self) -> None:
        """Print what the run came to; nothing of one that showed nothing, whose reason follows."""
        figures = self._live.statistics.snapshot()
        if self._since is None and not figures.presented:
            return
        lost = sum(figures.dropped_in_all.values())
        spent = 0.0 if self._since is None else time.monotonic() - self._since
        remark(f"{figures.presented} frames shown in {spent:.0f} s, {lost} left out")

    def _say_status(self) -> None:
        text = status_line(self._live.statistics.snapshot(), self._live.level, self._live.recording)
        if self._live.state is State.STARTING:
            text = "starting …"
        if self._drawn:
            self._display.update(Text(text, no_wrap=True, overflow="ellipsis"), refresh=True)
        else:
            remark(text)


def status_line(figures: Snapshot, level: str, recording: Path | None) -> str:
    """Return one line of figures for people."""
    spent = figures.stages.get("unmask")
    parts = [
        f"{figures.fps:.1f} of {figures.source_fps:.1f} frames/s",
        f"unmasking {spent.median:.0f} ms" if spent else "not unmasking",
        f"age {figures.age.median:.0f} ms (p95 {figures.age.p95:.0f})",
        f"{sum(figures.dropped.values())} left out",
        f"quality: {level}",
    ]
    if recording is not None:
        parts.append(f"recording {recording.name}")
    return " · ".join(parts)
