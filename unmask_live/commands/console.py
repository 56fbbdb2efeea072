"""How commands speak: results on stdout, progress and remarks on stderr, errors in one line."""

from __future__ import annotations

import errno
import functools
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TextIO

import typer

from unmask_live.errors import UserError

P = ParamSpec("P")
INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it: 128 + SIGINT."""


def reported(command: Callable[P, None]) -> Callable[P, None]:
    """Wrap a command: a UserError or what the system refuses becomes one line and exit code 1.

    Ctrl-C becomes 130. What the program warns of, such as a backend that is passed over, becomes a
    line as well.
    """

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            with _plain_warnings():
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


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Print a UserWarning as one line, each text once; others as Python does."""
    said: set[str] = set()
    with warnings.catch_warnings():
        before = warnings.showwarning

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if category is not UserWarning or file is not None:
                before(message, category, filename, lineno, file, line)
            elif str(message) not in said:
                said.add(str(message))
                remark(f"note: {' '.join(str(message).split())}")

        warnings.showwarning = show
        yield


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
