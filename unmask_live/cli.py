"""The ``unmask-live`` command: each subcommand lives in its own file in `unmask_live.commands`."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Annotated

import typer

from unmask_live.commands.backend_asked import check_backend
from unmask_live.commands.console import reported
from unmask_live.commands.lazy import LazyGroup
from unmask_live.commands.machine import own_version
from unmask_live.commands.options import (
    WindowBackendOption,
    WindowFinderOption,
    WindowInpainterOption,
)
from unmask_live.errors import UserError

app = typer.Typer(
    name="unmask-live",
    cls=LazyGroup,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Takes face masks off live video, files and pictures; alone, it opens the window."
    " The face beneath is invented, not recovered.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"unmask-live {own_version()}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Say which one this is."),
    ] = False,
    backend: WindowBackendOption = None,
    finder: WindowFinderOption = None,
    inpainter: WindowInpainterOption = None,
) -> None:
    _alone(context, {"backend": backend, "finder": finder, "inpainter": inpainter})


@reported
def _alone(context: typer.Context, asked: dict[str, str | None]) -> None:
    """Open the window, unless a command follows; that has options of its own."""
    command = context.invoked_subcommand
    given = {name: value for name, value in asked.items() if value is not None}
    if given and command is not None:
        names = " and ".join(f"--{name}" for name in given)
        them = "it" if len(given) == 1 else "them"
        raise UserError(
            f"{names} before {command} {'is' if len(given) == 1 else 'are'} for the window alone: "
            f"write {them} after"
        )
    # A wrong name is told before a window comes up.
    if "backend" in given:
        check_backend(given["backend"])
    if "inpainter" in given:
        from unmask_live.inpainters import choose  # late: what it imports may be broken

        choose(given["inpainter"])
    if command is None:
        _window(given)


def _window(given: dict[str, str]) -> None:
    """Open the window, or say why that cannot be."""
    try:
        from unmask_live.app.main import run  # late: the window is an extra

        code = run(
            backend=given.get("backend"),
            finder=given.get("finder"),
            inpainter=given.get("inpainter"),
        )
    except ImportError as error:
        raise UserError(
            f"the window cannot start ({error}): run `unmask-live doctor` to see what to repair"
        ) from error
    raise typer.Exit(code)


def main() -> None:
    """Run the command line; a polite kill cleans up as Ctrl-C does."""
    signal.signal(signal.SIGTERM, _terminate)
    app()


def _terminate(number: int, _: FrameType | None) -> None:
    sys.unraisablehook = _unraisable
    signal.signal(number, signal.SIG_IGN)  # supervisors repeat it, and would break the clean-up off
    raise SystemExit(128 + number)


def _unraisable(what: sys.UnraisableHookArgs) -> None:
    """Say nothing of a signal that came just while it was set to be ignored."""
    if not (isinstance(what.exc_value, OSError) and "race condition" in str(what.exc_value)):
        sys.__unraisablehook__(what)


if __name__ == "__main__":
    main()
