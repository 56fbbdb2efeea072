"""The progress bars of a compiler that reports its phases."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from unmask_live.runtime.engine import Report


@contextmanager
def build_bar(name: str, quiet: bool) -> Iterator[Report]:
    """Show a bar for each phase under way and yield what is to be told of them.

    It may be called from any thread, and asks for the end after Ctrl-C. Silent if quiet or not on
    a terminal.
    """
    console = Console(stderr=True)
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    )
    tasks: dict[str, int] = {}

    def report(phase: str, step: int, steps: int) -> bool:
        if phase not in tasks:
            tasks[phase] = bars.add_task(f"{name}: {phase}", total=steps)
        bars.update(tasks[phase], completed=step, total=steps)  # type: ignore[arg-type]
        if step >= steps:
            bars.remove_task(tasks.pop(phase))  # type: ignore[arg-type]
        return not interrupted()

    with noticed_interrupt() as interrupted:
        if bars.disable:
            yield report
            return
        with bars:
            yield report


@contextmanager
def noticed_interrupt() -> Iterator[Callable[[], bool]]:
    """Yield what tells, in any thread, whether Ctrl-C was pressed since.

    Python raises KeyboardInterrupt in its main thread only, once that is back from a compiler's
    minutes of work: too late to end them. To be entered in the main thread.
    """
    told, seen = socket.socketpair()
    with told, seen:
        told.setblocking(False)
        seen.setblocking(False)
        pressed = False

        def interrupted() -> bool:
            nonlocal pressed
            with suppress(BlockingIOError):
                pressed |= signal.SIGINT in seen.recv(64)
            return pressed

        before = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
        try:
            yield interrupted
        finally:
            signal.set_wakeup_fd(before)
