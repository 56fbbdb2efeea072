"""The progress bar; apart from the console so that `doctor` speaks where rich is broken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class FramesPerSecond(ProgressColumn):
    """Speed over the last moments."""

    def render(self, task: Task) -> Text:
        """Return the column's text."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:5.1f} frames/s" if speed else "        …", style="cyan")


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Progress]:
    """Show a bar with frames a second and time left; silent if quiet or not on a terminal."""
    console = Console(stderr=True)
    shown = console.is_terminal and not quiet
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        FramesPerSecond(),
        TextColumn("left"),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
        disable=not shown,
    )
    with bar if shown else nullcontext():  # a stopped bar prints an empty line, even a silent one
        yield bar
