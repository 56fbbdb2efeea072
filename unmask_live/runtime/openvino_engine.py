"""A network that OpenVINO compiled for the CPU, and runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from unmask_live.runtime.engine import BackendUnavailable
from unmask_live.runtime.manifest import EngineEntry
from unmask_live.runtime.openvino_core import (
    bind,
    capabilities,
    check_manifest,
    compile_network,
    describe,
    port_of,
    settings_for,
    shapes_of,
    the_core,
)
from unmask_live.runtime.owned import OwnedEngine, stacked
from unmask_live.runtime.threads import default_threads
from unmask_live.types import Floats

_HINTS = {"fp32": ("f32",), "bf16": ("bf16",), "int8": ("bf16", "f32")}
"""What is computed in where no quantised layer says otherwise: the first that the CPU can."""


class OpenVinoEngine(OwnedEngine):
    """One network compiled for the CPU; see `Engine` for the contract.

    A batch runs one by one behind the same call: on a CPU it gains nothing to run it at once, and
    a network that is compiled for any number of items may be slower with the one it mostly gets.

    Parameters
    ----------
    entry : what to load, its file already verified
    threads : most CPU threads; by default the cores this process may use, at most 4
    batch : items of one call at most
    precision : "fp32", "bf16" or, where the manifest has it, "int8"

    Raises
    ------
    BackendUnavailable
        if OpenVINO is missing or cannot compile the network
    UserError
        if the network is not the one its manifest describes, or is damaged
    """

    def __init__(
        self,
        entry: EngineEntry,
        *,
        threads: int | None = None,
        batch: int = 1,
        precision: str = "fp32",
    ) -> None:
        core = the_core()
        if precision in entry.variants:
            entry = entry.variants[precision]
            entry.verify()
        count = threads or default_threads()
        compiled = compile_first(core, entry, count, hints_for(precision, capabilities(core)))
        inputs = shapes_of(compiled.inputs, entry.inputs)
        outputs = shapes_of(compiled.outputs, entry.outputs)
        check_manifest(entry, "inputs", entry.inputs, inputs)
        check_manifest(entry, "outputs", entry.outputs, outputs)
        super().__init__(entry.name, inputs, outputs, batch)
        self._backend = describe(core, compiled)
        self._request: Any = compiled.create_infer_request()
        self._results = {name: port_of(compiled.outputs, name) for name in outputs}
        self._given = stacked(inputs, 1)
        self._made = stacked(outputs, batch)
        for name, array in self._given.items():
            bind(self._request, port_of(compiled.inputs, name), array)

    @property
    def backend(self) -> str:
        """What runs it, as OpenVINO reports it: version, device, precision, threads."""
        return self._backend

    def _run(self, inputs: Mapping[str, Floats], count: int) -> dict[str, Floats]:
        if count == 1:
            return self._infer(inputs)  # OpenVINO's own arrays, not copied
        for item in range(count):
            made = self._infer({name: array[item : item + 1] for name, array in inputs.items()})
            for name, array in made.items():
                self._made[name][item] = array[0]
        return {name: array[:count] for name, array in self._made.items()}

    def _infer(self, inputs: Mapping[str, Floats]) -> dict[str, Floats]:
        """Run one item; what is returned is valid until the next."""
        for name, array in inputs.items():
            self._given[name][:] = array
        self._request.infer()
        return {name: self._request.get_tensor(port).data for name, port in self._results.items()}

    def _free(self) -> None:
        self._request = None  # first: it points into the arrays
        self._given, self._made, self._results = {}, {}, {}


def hints_for(precision: str, able: Collection[str]) -> list[str]:
    """Return number formats for the layers that are not quantised, as OpenVINO names them.

    Parameters
    ----------
    able : what the processor can do, as OpenVINO says it ("BF16", "INT8" ...)

    Returns
    -------
    The quickest first; the last one every processor can.
    """
    *better, last = _HINTS[precision]
    return [*(hint for hint in better if hint.upper() in able), last]


def compile_first(core: Any, entry: EngineEntry, threads: int, hints: Sequence[str]) -> Any:
    """Compile with the first of the formats that OpenVINO has layers for.

    Next to 8-bit layers it lacks some in bf16, and says so only when it compiles.
    """
    *better, last = hints
    for hint in better:
        with suppress(BackendUnavailable):
            return compile_network(core, entry, settings_for(threads, hint))
    return compile_network(core, entry, settings_for(threads, last))
