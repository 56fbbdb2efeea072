"""What every backend must offer, and how it is asked."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from unmask_live.types import Floats

Shape = tuple[int, ...]
MOST = 8
"""Items an engine takes at once at most."""
Report = Callable[[str, int, int], bool]
"""Told of slow work: what is done, step and steps. Returns False to have it given up."""
Say = Callable[[str], None]
"""Told, in a sentence, what a user should know."""


def warn(text: str) -> None:
    """Say it as a Python warning, where nobody else listens."""
    warnings.warn(text, stacklevel=3)


def once(say: Say) -> Say:
    """Return what says the same only once: three networks may have the same to tell."""
    said: set[str] = set()

    def tell(text: str) -> None:
        if text not in said:
            said.add(text)
            say(text)

    return tell


class BackendUnavailable(Exception):  # noqa: N818 - a state, told as a reason
    """A backend cannot serve an engine on this machine; the text is the reason."""


class Absent(BackendUnavailable):
    """It is not installed, so that nobody need be told when it is passed over."""


@dataclass(frozen=True)
class Options:
    """How an engine is opened; what a backend has no use for, it ignores.

    Attributes
    ----------
    threads : CPU threads; None lets the backend choose
    cores : on how many cores it may count where it does; None for all
    batch : items of one call at most, 1 to 8
    choice : what stands behind the colon in ``backend:choice``: a provider or a precision
    build : whether slow compiling may be done now where nothing is cached
    report : is told how that goes
    say : is told what a user should know
    """

    threads: int | None = None
    batch: int = 1
    choice: str = ""
    build: bool = True
    report: Report | None = None
    say: Say = warn
    cores: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.batch <= MOST:
            raise ValueError(f"batch: got {self.batch}, wanted 1 to {MOST}")


class Engine(Protocol):
    """A network with named inputs and outputs of fixed shape: numpy in, numpy out.

    An engine has one owner: two threads must not call it at the same time (it raises then).

    Attributes
    ----------
    name : the engine's name in the manifest
    backend : what truly runs it, as the backend itself reports it
    inputs, outputs : shape of each named array for one item, leading 1 included; all float32
    batch : how many items a call may hold, stacked along the first axis
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def backend(self) -> str: ...  # noqa: D102
    @property
    def inputs(self) -> Mapping[str, Shape]: ...  # noqa: D102
    @property
    def outputs(self) -> Mapping[str, Shape]: ...  # noqa: D102
    @property
    def batch(self) -> int: ...  # noqa: D102

    def __call__(self, **inputs: Floats) -> dict[str, Floats]:
        """Run once. The returned arrays are valid until the next call: copy what must stay.

        Raises
        ------
        ValueError
            if the names, a shape or a dtype is not what the network takes
        RuntimeError
            after `close`, or while another thread is inside
        """
        ...

    def close(self) -> None:
        """Free the network. Safe to call twice."""
        ...

    def __enter__(self) -> Engine: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
