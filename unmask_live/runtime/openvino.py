"""OpenVINO: the embedded default, on any x86-64 or ARM CPU."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from functools import cache
from types import TracebackType
from typing import Any

from unmask_live.errors import UserError
from unmask_live.runtime.engine import BackendUnavailable, Shape, check_inputs
from unmask_live.runtime.manifest import EngineEntry, TensorSpec
from unmask_live.types import Floats

_PRECISION = {"f32": "FP32", "f16": "FP16", "bf16": "BF16"}
MOST_THREADS = 4
"""Networks this small gain nothing beyond; more threads only take cores from the codecs."""


class OpenVinoEngine:
    """One network compiled for the CPU; see `Engine` for the contract.

    Parameters
    ----------
    entry : what to load, its file already verified
    threads : most CPU threads; by default the cores this process may use, at most 4

    Raises
    ------
    BackendUnavailable
        if OpenVINO is missing or cannot compile the network
    UserError
        if the network is not the one its manifest describes
    """

    def __init__(self, entry: EngineEntry, *, threads: int | None = None) -> None:
        core = _core()
        options = {
            # One frame at a time: latency counts, so one stream with all the threads.
            "NUM_STREAMS": "1",
            "INFERENCE_NUM_THREADS": str(threads or default_threads()),
            "PERFORMANCE_HINT": "LATENCY",
            # Pinned threads of three networks and two codecs would sit on the same cores.
            "ENABLE_CPU_PINNING": "NO",
        }
        try:
            compiled = core.compile_model(str(entry.path), "CPU", options)
        except Exception as error:  # OpenVINO raises bare RuntimeError with a long trace
            raise BackendUnavailable(
                f"cannot compile {entry.path.name}: {_short(error)}"
            ) from error
        self._name = entry.name
        self._inputs = _shapes(compiled.inputs, entry.inputs)
        self._outputs = _shapes(compiled.outputs, entry.outputs)
        _agree(entry, "inputs", entry.inputs, self._inputs)
        _agree(entry, "outputs", entry.outputs, self._outputs)
        self._backend = _describe(core, compiled)
        self._request: Any = compiled.create_infer_request()
        self._tensors = {name: self._request.get_tensor(name).data for name in self._inputs}
        self._busy = threading.Lock()

    @property
    def name(self) -> str:
        """The engine's name in the manifest."""
        return self._name

    @property
    def backend(self) -> str:
        """What runs it, as OpenVINO reports it: version, device, precision, threads."""
        return self._backend

    @property
    def inputs(self) -> Mapping[str, Shape]:
        """Shape of each input."""
        return self._inputs

    @property
    def outputs(self) -> Mapping[str, Shape]:
        """Shape of each output."""
        return self._outputs

    def __call__(self, **inputs: Floats) -> dict[str, Floats]:
        """Run once; see `Engine.__call__`."""
        if not self._busy.acquire(blocking=False):
            raise RuntimeError(f"engine {self._name!r} has one owner and is running already")
        try:
            if self._request is None:
                raise RuntimeError(f"engine {self._name!r} is closed")
            check_inputs(self._name, self._inputs, inputs)
            for name, array in inputs.items():
                self._tensors[name][...] = array
            self._request.infer()
            return {name: self._request.get_tensor(name).data for name in self._outputs}
        finally:
            self._busy.release()

    def close(self) -> None:
        """Free the network. Safe to call twice."""
        self._tensors = {}
        self._request = None

    def __enter__(self) -> OpenVinoEngine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def default_threads() -> int:
    """Return how many threads an engine takes by itself: the cores we may use, at most 4."""
    try:
        cores = len(os.sched_getaffinity(0))  # respects taskset and container limits
    except AttributeError:  # not on macOS and Windows
        cores = os.cpu_count() or 1
    return max(1, min(MOST_THREADS, cores))


@cache
def _core() -> Any:
    """Return the process's one OpenVINO core (loading its plugins takes a while)."""
    try:
        import openvino
    except ImportError as error:
        raise BackendUnavailable(f"not installed ({error}): pip install openvino") from error
    core = openvino.Core()
    if "CPU" not in core.available_devices:
        raise BackendUnavailable(f"has no CPU plugin here (devices: {core.available_devices})")
    return core


def _shapes(ports: Any, wanted: Iterable[str]) -> dict[str, Shape]:
    """Name the ports. OpenVINO may give one several names, an inner layer's among them."""
    shapes = {}
    for port in ports:
        known = sorted(port.get_names() & set(wanted))
        name = known[0] if known else port.get_any_name()
        shapes[name] = tuple(int(side) for side in port.shape)
    return shapes


def _agree(
    entry: EngineEntry, side: str, wanted: Mapping[str, TensorSpec], got: Mapping[str, Shape]
) -> None:
    expected = {name: spec.shape for name, spec in wanted.items()}
    if expected != got:
        raise UserError(
            f"the {entry.name} network does not fit its manifest: got {side} {dict(got)}, "
            f"wanted {expected}; export it again or reinstall unmask-live"
        )


def _describe(core: Any, compiled: Any) -> str:
    """Read back from the compiled network what will run it; nothing here is assumed."""
    import openvino

    release = openvino.__version__.split("-")[0]
    devices = "+".join(compiled.get_property("EXECUTION_DEVICES"))
    kind = compiled.get_property("INFERENCE_PRECISION_HINT")
    precision = _PRECISION.get(kind.get_type_name(), kind.get_type_name())
    threads = compiled.get_property("INFERENCE_NUM_THREADS")
    chip = core.get_property(devices.split("+")[0], "FULL_DEVICE_NAME").strip()
    plural = "" if threads == 1 else "s"
    return f"OpenVINO {release} {devices} {precision} ({chip}, {threads} thread{plural})"


def _short(error: Exception) -> str:
    """Keep the last telling line of OpenVINO's multi-line messages."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
