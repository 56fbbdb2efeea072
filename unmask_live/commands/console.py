"""How commands speak: results on stdout, progress and remarks on stderr, errors in one line."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import ParamSpec

import typer
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

from unmask_live.errors import UserError

P = ParamSpec("P")
INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it: 128 + SIGINT."""


def reported(command: Callable[P, None]) -> Callable[P, None]:
    """Wrap a command: a UserError becomes one line and exit code 1, Ctrl-C becomes 130."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except UserError as error:
            complain(str(error))
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            complain("interrupted: no unfinished file was left behind")
            raise typer.Exit(INTERRUPTED) from None

    return wrapped


def complain(text: str) -> None:
    """Print one error line, never wrapped, so that scripts can read it."""
    print(f"error: {' '.join(text.split())}", file=sys.stderr)


def remark(text: str) -> None:
    """Print one line that is no result and no error."""
    print(text, file=sys.stderr)


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
