"""An engine that serves because a backend that was to come before it could not."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType

from unmask_live.runtime.engine import Engine, Shape
from unmask_live.types import Floats


class SecondChoice:
    """Another engine in all but `backend`, which also says what was passed over and why.

    Parameters
    ----------
    engine : what runs; it is closed with this
    instead : what does not, each "backend: reason"
    """

    def __init__(self, engine: Engine, instead: str) -> None:
        self._engine, self._instead = engine, instead

    @property
    def name(self) -> str:
        """The engine's name in the manifest."""
        return self._engine.name

    @property
    def backend(self) -> str:
        """What runs it, and what does not although it is installed."""
        return f"{self._engine.backend}, not {self._instead}"

    @property
    def inputs(self) -> Mapping[str, Shape]:
        """Shape of each input for one item."""
        return self._engine.inputs

    @property
    def outputs(self) -> Mapping[str, Shape]:
        """Shape of each output for one item."""
        return self._engine.outputs

    @property
    def batch(self) -> int:
        """Items of one call at most."""
        return self._engine.batch

    def __call__(self, **inputs: Floats) -> dict[str, Floats]:
        """Run once; see `Engine.__call__`."""
        return self._engine(**inputs)

    def close(self) -> None:
        """Free the network. Safe to call twice."""
        self._engine.close()

    def __enter__(self) -> SecondChoice:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
