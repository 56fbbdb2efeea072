"""Commands imported when they are called, so that one that cannot start takes no other along."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from unmask_live.commands.console import complain

NAMES = ("live", "file", "demo", "bench", "doctor", "engines")
"""Each is a function, or a group of commands, in the file of that name."""


class LazyGroup(TyperGroup):
    """The subcommands; types are loose because Typer's own have moved between its versions."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names in the order the help shows them."""
        return list(NAMES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import a command; all of them for an unknown name, to suggest one that is like it."""
        for name in (cmd_name,) if cmd_name in NAMES else NAMES:
            if name not in self.commands:
                self.add_command(_load(name), name)
        return self.commands.get(cmd_name)


def _load(name: str) -> Any:
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    try:
        function = getattr(import_module(f"unmask_live.commands.{name}"), name)
    except Exception as error:  # a broken package fails in many ways
        takes_all = {"ignore_unknown_options": True, "allow_extra_args": True}
        alone.command(name, context_settings=takes_all)(_unable(name, error))
    else:
        if isinstance(function, typer.Typer):
            return typer.main.get_command(function)
        alone.command(name)(function)
    return typer.main.get_command(alone)


def _unable(name: str, error: Exception) -> Callable[[], None]:
    """Return what stands in for a command whose import failed."""

    def unable() -> None:
        complain(f"`{name}` cannot start ({error}): run `unmask-live doctor` to see what to repair")
        raise typer.Exit(1)

    unable.__doc__ = "Cannot start: run `unmask-live doctor` to see what to repair."
    return unable
