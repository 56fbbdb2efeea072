"""Command lines of the training tools: what a user can put right is refused in one sentence."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from unmask_live.errors import UserError


class Command(argparse.ArgumentParser):
    """The command line of ``python -m NAME``.

    argparse prints the usage, often twenty lines, before it says what is wrong; here the sentence
    stands alone, on stderr, and the exit code is 2.

    Parameters
    ----------
    name : the module
    about : its docstring, shown as it is by ``--help``
    """

    def __init__(self, name: str, about: str | None) -> None:
        super().__init__(
            prog=f"python -m {name}",
            description=about,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end with 2."""
        self.exit(2, f"{self.prog}: {' '.join(message.split())}\n")

    @contextmanager
    def refusing(self, *also: type[Exception]) -> Iterator[None]:
        """Turn what the user can put right, and errors of files, into `error`.

        Parameters
        ----------
        also : further exceptions whose text is fit to be shown
        """
        try:
            yield
        except (UserError, OSError, *also) as error:
            self.error(_said(error))


def _said(error: Exception) -> str:
    """Return an exception's sentence; of the system's, the file and what is wrong with it."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)
