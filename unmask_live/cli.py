"""The ``unmask-live`` command: each subcommand lives in its own file in `unmask_live.commands`."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Annotated

import typer

from unmask_live.commands.lazy import LazyGroup
from unmask_live.commands.machine import own_version

app = typer.Typer(
    name="unmask-live",
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Takes face masks off videos and pictures. The face beneath is invented, not recovered.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"unmask-live {own_version()}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Say which one this is."),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; a polite kill cleans up as Ctrl-C does."""
    signal.signal(signal.SIGTERM, _terminate)
    app()


def _terminate(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main()
