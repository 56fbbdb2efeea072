"""What every backend must offer, and what they share: checks, one owner, batches, the end."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

import numpy as np

from unmask_live.types import Floats

Shape = tuple[int, ...]
MOST = 8
"""Items an engine takes at once at most."""
Report = Callable[[str, int, int], bool]
"""Told of slow work: what is done, step and steps. Returns False to have it given up."""


class BackendUnavailable(Exception):  # noqa: N818 - a state, told as a reason
    """A backend cannot serve an engine on this machine; the text is the reason."""


@dataclass(frozen=True)
class Options:
    """How an engine is opened; what a backend has no use for, it ignores.

    Attributes
    ----------
    threads : most CPU threads; None lets the backend choose
    batch : items of one call at most, 1 to 8
    choice : what stands behind the colon in ``backend:choice``: a provider or a precision
    build : whether slow compiling may be done now where nothing is cached
    report : is told how that goes
    """

    threads: int | None = None
    batch: int = 1
    choice: str = ""
    build: bool = True
    report: Report | None = None

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


class OwnedEngine(ABC):
    """An `Engine` without its backend: a subclass adds `_run`, `_free` and `backend`.

    Parameters
    ----------
    name : the engine's name in the manifest
    inputs, outputs : shape of each array for one item
    batch : items of one call at most
    """

    def __init__(
        self, name: str, inputs: Mapping[str, Shape], outputs: Mapping[str, Shape], batch: int
    ) -> None:
        self._name, self._inputs, self._outputs = name, dict(inputs), dict(outputs)
        self._batch = batch
        self._open = True
        self._busy = threading.Lock()

    @property
    def name(self) -> str:
        """The engine's name in the manifest."""
        return self._name

    @property
    @abstractmethod
    def backend(self) -> str:
        """What runs it, as the backend reports it."""

    @property
    def inputs(self) -> Mapping[str, Shape]:
        """Shape of each input for one item."""
        return self._inputs

    @property
    def outputs(self) -> Mapping[str, Shape]:
        """Shape of each output for one item."""
        return self._outputs

    @property
    def batch(self) -> int:
        """Items of one call at most."""
        return self._batch

    def __call__(self, **inputs: Floats) -> dict[str, Floats]:
        """Run once; see `Engine.__call__`."""
        if not self._busy.acquire(blocking=False):
            raise RuntimeError(f"engine {self._name!r} has one owner and is running already")
        try:
            if not self._open:
                raise RuntimeError(f"engine {self._name!r} is closed")
            count = check_inputs(self._name, self._inputs, inputs, self._batch)
            return self._run(inputs, count)
        finally:
            self._busy.release()

    @abstractmethod
    def _run(self, inputs: Mapping[str, Floats], count: int) -> dict[str, Floats]:
        """Run ``count`` items; names, shapes and dtypes are right."""

    @abstractmethod
    def _free(self) -> None:
        """Let go of the backend's objects; called once."""

    def close(self) -> None:
        """Free the network. Safe to call twice."""
        if self._open:
            self._open = False
            self._free()

    def __enter__(self) -> OwnedEngine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def check_inputs(
    name: str, wanted: Mapping[str, Shape], got: Mapping[str, Floats], batch: int = 1
) -> int:
    """Return how many items ``got`` holds for the engine ``name``.

    Raises
    ------
    ValueError
        unless names, dtypes and shapes fit, saying got and wanted
    """
    if got.keys() != wanted.keys():
        raise ValueError(f"engine {name!r}: got inputs {sorted(got)}, wanted {sorted(wanted)}")
    counts = set()
    for key, shape in wanted.items():
        array = got[key]
        if not isinstance(array, np.ndarray):
            raise ValueError(
                f"engine {name!r}, input {key!r}: got {type(array).__name__}, wanted numpy.ndarray"
            )
        if array.dtype != np.float32:
            raise ValueError(f"engine {name!r}, input {key!r}: got {array.dtype}, wanted float32")
        if array.shape[1:] != shape[1:] or not 1 <= array.shape[0] <= batch:
            lead = f", the first up to {batch}" if batch > 1 else ""
            raise ValueError(
                f"engine {name!r}, input {key!r}: got {array.shape}, wanted {shape}{lead}"
            )
        counts.add(len(array))
    if len(counts) != 1:
        sizes = {key: len(array) for key, array in got.items()}
        raise ValueError(f"engine {name!r}: got {sizes} items, wanted as many of each")
    return counts.pop()


def stacked(shapes: Mapping[str, Shape], batch: int) -> dict[str, Floats]:
    """Return zeroed buffers for ``batch`` items of each named shape, float32."""
    return {name: np.zeros((batch, *shape[1:]), np.float32) for name, shape in shapes.items()}
