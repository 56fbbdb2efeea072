"""How commands speak: results on stdout, progress and remarks on stderr, errors in one line."""

from __future__ import annotations

import errno
import functools
import sys
from collections.abc import Callable
from typing import ParamSpec

import typer

from unmask_live.errors import UserError

P = ParamSpec("P")
INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it: 128 + SIGINT."""


def reported(command: Callable[P, None]) -> Callable[P, None]:
    """Wrap a command: a UserError or what the system refuses becomes one line and exit code 1.

    Ctrl-C becomes 130.
    """

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except UserError as error:
            complain(str(error))
            raise typer.Exit(1) from None
        except OSError as error:
            if error.errno == errno.EPIPE:  # `... | head`: whoever reads has left
                raise
            complain(describe(error))
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            complain("interrupted: no unfinished file was left behind")
            raise typer.Exit(INTERRUPTED) from None

    return wrapped


def describe(error: Exception) -> str:
    """Say in one line what happened, for errors that nobody has worded yet."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return f"{type(error).__name__}: {error}"


def complain(text: str) -> None:
    """Print one error line, never wrapped, so that scripts can read it."""
    print(f"error: {' '.join(text.split())}", file=sys.stderr)


def remark(text: str) -> None:
    """Print one line that is no result and no error."""
    print(text, file=sys.stderr)
