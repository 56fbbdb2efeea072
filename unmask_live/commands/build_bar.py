"""The progress bars of a compiler that reports its phases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from unmask_live.runtime.engine import Report


@contextmanager
def build_bar(name: str, quiet: bool) -> Iterator[Report]:
    """Show a bar for each phase under way and yield what is to be told of them.

    It may be called from any thread. Silent if quiet or not on a terminal.
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
        return True

    if bars.disable:
        yield report
        return
    with bars:
        yield report
