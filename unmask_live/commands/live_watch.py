"""What ``unmask-live bench --live`` and ``--soak`` watch: the real window playing, from outside."""

from __future__ import annotations

import os
import threading
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from unmask_live.commands.console import describe
from unmask_live.commands.measure import Figures, figures_of
from unmask_live.commands.sync_clip import skews
from unmask_live.errors import UserError
from unmask_live.quality import INPAINTER

if TYPE_CHECKING:
    from unmask_live.app.window import Window

_TICK = 5
"""Milliseconds between two beats of the GUI thread's heart: what is missing was blocked."""
_SETTLE = 3.0
"""Seconds after the first picture before anything counts."""
_START = 60.0
"""Seconds that the first picture may take."""


@dataclass
class _Seen:
    """What came up while watching."""

    # Packed: as lists they would outgrow, in ten minutes, what the program itself may grow by.
    ages: array[float] = field(default_factory=lambda: array("f"))
    gaps: array[float] = field(default_factory=lambda: array("f"))
    levels: set[str] = field(default_factory=set)
    memory: list[tuple[float, int]] = field(default_factory=list)
    threads: list[tuple[float, int]] = field(default_factory=list)


def watch(
    source: Path,
    seconds: float,
    *,
    backend: str,
    finder: str = "ours",
    inpainter: str = INPAINTER,
    scratch: Path,
    record: Path | None = None,
    tell: Callable[[float], None] = lambda _: None,
) -> Figures:
    """Play a clip in the window, offscreen where there is no screen, and return the figures.

    Parameters
    ----------
    seconds : how long to watch, once it has settled
    backend, finder, inpainter : as for `Unmasker`
    scratch : a folder for the window's settings, so that nobody's own are touched
    record : also record into this file
    tell : called about once a second with the seconds watched so far

    Raises
    ------
    UserError
        if the window, the finder or the networks can't be had; with the run's own reason
    """
    with playing(
        source,
        backend=backend,
        finder=finder,
        inpainter=inpainter,
        scratch=scratch,
        record=record,
    ) as (window, pump):
        figures = _watch(window, pump, seconds, tell)
    figures["threads_left"] = [t.name for t in threading.enumerate() if t.name.startswith("unmask")]
    if record is not None:
        figures["skew"] = _skew_figures(record)
    return figures


@contextmanager
def playing(
    source: Path,
    *,
    backend: str,
    finder: str,
    inpainter: str,
    scratch: Path,
    record: Path | None = None,
) -> Iterator[tuple[Window, Callable[..., Any]]]:
    """Open the window on a clip, as for `watch`, and close it again; also what pumps its events.

    Raises
    ------
    UserError
        if the window can't be had
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from unmask_live.app.main import make_application  # late: the window is an extra

    application = make_application()
    from PyQt6.QtCore import QSettings

    from unmask_live.app.preferences import Memory
    from unmask_live.app.window import Parts, Window

    store = QSettings(str(scratch / "settings.ini"), QSettings.Format.IniFormat)
    memory = Memory(store)
    memory.override(source=str(source), label=source.stem, folder=str(scratch))
    memory.override(backend=backend, finder=finder, inpainter=inpainter)
    window = Window(Parts(memory))
    window.resize(1280, 800)
    window.show()
    window.begin(record)
    pump = application.processEvents
    try:
        yield window, pump
    finally:
        window.close()
        end = time.monotonic() + 10
        while window.isVisible() and time.monotonic() < end:
            pump()
            time.sleep(0.005)


def _watch(
    window: Window, pump: Callable[..., Any], seconds: float, tell: Callable[[float], None]
) -> Figures:
    from PyQt6.QtCore import QEventLoop

    seen = _Seen()
    wait_for_picture(window, pump)
    _run(pump, _SETTLE)
    heart = _Heart(window, seen.gaps)
    newest: list[float] = []
    window.session.shown.connect(lambda shown: newest.append(shown.frame.captured))
    live = window.session.live
    if live is None:
        raise RuntimeError("the run ended while it was watched")
    before = live.statistics.snapshot()
    begin = next_tell = time.monotonic()
    while (now := time.monotonic()) - begin < seconds:
        pump(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)  # the heart's beats, at the latest
        painted = time.monotonic()  # events are done: what came in has been painted
        seen.ages.extend((painted - captured) * 1e3 for captured in newest)
        newest.clear()
        if now >= next_tell:
            next_tell += 1.0
            seen.levels.add(live.level)
            seen.memory.append((now - begin, resident_bytes()))
            seen.threads.append((now - begin, threading.active_count()))
            tell(now - begin)
    heart.stop()
    after, spent = live.statistics.snapshot(), time.monotonic() - begin
    dropped = {
        stage: after.dropped_in_all[stage] - before.dropped_in_all.get(stage, 0)
        for stage in after.dropped_in_all
    }
    in_window = len(seen.ages)
    return {
        "seconds": spent,
        "source_fps": after.source_fps,
        "fps": in_window / spent,
        "shown": in_window,
        "dropped": dropped,
        "age": figures_of(seen.ages or [0.0]),
        "gui_blocked": {**figures_of(seen.gaps or [0.0]), "most_ms": max(seen.gaps or [0.0])},
        "stages": {
            name: {"median_ms": f.median, "p95_ms": f.p95} for name, f in after.stages.items()
        },
        "levels": sorted(seen.levels),
        "backends": live.backends,
        "memory": _growth(seen.memory),
        "threads": {"first": seen.threads[0][1], "last": seen.threads[-1][1]},
    }


class _Heart:
    """Notes how late each beat of a timer in the GUI thread comes, milliseconds."""

    def __init__(self, window: Window, gaps: array[float]) -> None:
        from PyQt6.QtCore import Qt

        from unmask_live.app.timers import timer

        self._gaps, self._last = gaps, time.perf_counter()
        self._timer = timer(window, _TICK, self._beat)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.start()

    def _beat(self) -> None:
        now = time.perf_counter()
        self._gaps.append(max(0.0, (now - self._last) * 1e3 - _TICK))
        self._last = now

    def stop(self) -> None:
        self._timer.stop()


def wait_for_picture(window: Window, pump: Callable[[], Any]) -> None:
    """Pump events until the window shows a picture (UserError with the run's reason if none)."""
    failed: list[Exception] = []
    window.session.failed.connect(failed.append)
    end = time.monotonic() + _START
    while not window.picture_on or window.session.live is None:
        if failed:
            raise UserError(describe(failed[0])) from failed[0]
        if time.monotonic() > end or window.session.state.over:
            raise UserError("no picture came up in the window: try `unmask-live doctor`")
        _run(pump, 0.01)


def _run(pump: Callable[[], Any], seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pump()
        time.sleep(0.002)


def resident_bytes() -> int:
    """Return the memory this process holds; 0 where the system does not tell it this way."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _growth(memory: list[tuple[float, int]]) -> Figures:
    """Return resident MB after the first minute (or fifth of a short run), at the end, growth."""
    if not memory or not memory[-1][1]:
        return {}
    late = min(60.0, memory[-1][0] / 5)
    settled = [size for when, size in memory if when >= late]
    tail = settled[-max(1, len(settled) // 10) :]
    head = settled[: max(1, len(settled) // 10)]
    first, last = float(np.median(head)) / 1e6, float(np.median(tail)) / 1e6
    return {"first_mb": first, "last_mb": last, "growth": last / first - 1}


def _skew_figures(record: Path) -> Figures:
    """Return how sound and picture of a recording lie, and how that drifts, milliseconds."""
    found = skews(record)
    if len(found) < 2:
        return {"clicks": len(found)}
    skew = np.array([s for _, s in found]) * 1e3
    part = max(1, len(skew) // 5)
    return {
        "clicks": len(found),
        "median_ms": float(np.median(skew)),
        "most_ms": float(np.abs(skew).max()),
        "drift_ms": float(np.median(skew[-part:]) - np.median(skew[:part])),
    }
