"""What every backend must offer, and the checks they share."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Protocol

import numpy as np

from unmask_live.types import Floats

Shape = tuple[int, ...]


class BackendUnavailable(Exception):  # noqa: N818 - a state, told as a reason
    """A backend cannot serve an engine on this machine; the text is the reason."""


class Engine(Protocol):
    """A network with named inputs and outputs of fixed shape: numpy in, numpy out.

    An engine has one owner: two threads must not call it at the same time (it raises then).

    Attributes
    ----------
    name : the engine's name in the manifest
    backend : what truly runs it, as the backend itself reports it
    inputs, outputs : shape of each named array; all float32
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def backend(self) -> str: ...  # noqa: D102
    @property
    def inputs(self) -> Mapping[str, Shape]: ...  # noqa: D102
    @property
    def outputs(self) -> Mapping[str, Shape]: ...  # noqa: D102

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


def check_inputs(name: str, wanted: Mapping[str, Shape], got: Mapping[str, Floats]) -> None:
    """Raise ValueError, saying got and wanted, unless ``got`` fits the engine ``name``."""
    if got.keys() != wanted.keys():
        raise ValueError(f"engine {name!r}: got inputs {sorted(got)}, wanted {sorted(wanted)}")
    for key, shape in wanted.items():
        array = got[key]
        if not isinstance(array, np.ndarray):
            raise ValueError(
                f"engine {name!r}, input {key!r}: got {type(array).__name__}, wanted numpy.ndarray"
            )
        if array.dtype != np.float32:
            raise ValueError(f"engine {name!r}, input {key!r}: got {array.dtype}, wanted float32")
        if array.shape != shape:
            raise ValueError(f"engine {name!r}, input {key!r}: got {array.shape}, wanted {shape}")
