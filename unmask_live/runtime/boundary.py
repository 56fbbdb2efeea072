"""Where a backend's own failures become its reason: they may be of any kind."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any, TypeVar

from unmask_live.errors import UserError
from unmask_live.runtime.engine import Absent, BackendUnavailable, Engine, Options
from unmask_live.runtime.manifest import EngineEntry

E = TypeVar("E", bound=Engine)
_LONGEST = 300
"""Characters of a foreign message that are passed on."""


def bounded(opener: Callable[[EngineEntry, Options], E]) -> Callable[[EngineEntry, Options], E]:
    """Let whatever opening an engine raises count as the reason why this backend cannot serve.

    A driver that is broken, or memory that is full, comes up as any exception at all. What is ours,
    BackendUnavailable and UserError, passes as it is.
    """

    @functools.wraps(opener)
    def opened(entry: EngineEntry, options: Options) -> E:
        try:
            return opener(entry, options)
        except (BackendUnavailable, UserError):
            raise
        except Exception as error:
            raise BackendUnavailable(f"{type(error).__name__}: {short(error)}") from error

    return opened


def imported(module: str, fix: str) -> Any:
    """Return a backend's module.

    Parameters
    ----------
    fix : what to do where it is not installed

    Raises
    ------
    Absent
        if it is not installed
    BackendUnavailable
        if it is, and cannot be loaded: a library of its own may be missing
    """
    try:
        return importlib.import_module(module)
    except Exception as error:  # a package may raise anything while it loads its libraries
        package = module.partition(".")[0]
        missing = str(getattr(error, "name", "")).partition(".")[0] == package
        if isinstance(error, ModuleNotFoundError) and missing:
            raise Absent(f"not installed ({error}): {fix}") from error
        raise BackendUnavailable(
            f"{package} is installed and cannot be loaded ({short(error)}): reinstall it, {fix}"
        ) from error


def short(error: Exception) -> str:
    """Return a foreign message in one line."""
    return " ".join(str(error).split())[:_LONGEST] or type(error).__name__
