"""What all backends share: checks, one owner, batches, the end."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import TracebackType

import numpy as np

from unmask_live.runtime.engine import Shape
from unmask_live.types import Floats


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
