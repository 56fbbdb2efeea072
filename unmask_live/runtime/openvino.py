"""OpenVINO: the embedded default, on any x86-64 or ARM CPU."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import cache, partial
from typing import Any

import numpy as np

from unmask_live.errors import UserError
from unmask_live.runtime import precision
from unmask_live.runtime.cache import cache_dir
from unmask_live.runtime.engine import BackendUnavailable, Options, OwnedEngine, Shape, stacked
from unmask_live.runtime.manifest import EngineEntry, TensorSpec
from unmask_live.types import Floats

_HINT = {"fp32": "f32", "bf16": "bf16", "int8": "f32"}
"""What is computed in where no quantised layer says otherwise."""
MOST_THREADS = 4
"""Networks this small gain nothing beyond; more threads only take cores from the codecs."""


def open_openvino(entry: EngineEntry, options: Options) -> OpenVinoEngine:
    """Open a network in the asked-for precision, or in the one that is fastest here.

    Raises
    ------
    BackendUnavailable, UserError
        as `OpenVinoEngine`; also where the precision is not to be had
    """
    core = _core()
    names = precision.candidates(
        entry, frozenset(core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"))
    )
    open_as = partial(OpenVinoEngine, entry, threads=options.threads, batch=options.batch)
    if options.choice:
        if options.choice not in names:
            raise BackendUnavailable(
                f"{options.choice} is not to be had for the {entry.name} on this processor: "
                f"choose {' or '.join(names)}"
            )
        return open_as(precision=options.choice)
    opened: dict[str, OpenVinoEngine] = {}

    def start(name: str) -> precision.Run:
        opened[name] = engine = open_as(precision=name)
        rng = np.random.default_rng(0)
        inputs = {key: rng.random(shape, np.float32) for key, shape in engine.inputs.items()}
        return lambda: void(engine(**inputs))

    chosen = precision.choose(entry, names, _machine(core, options.threads), start)
    for name, engine in opened.items():
        if name != chosen:
            engine.close()
    return opened.get(chosen) or open_as(precision=chosen)


class OpenVinoEngine(OwnedEngine):
    """One network compiled for the CPU; see `Engine` for the contract.

    The network is reshaped for a batch where its graph allows (the finder and the segmenter);
    where one item is written into the graph (the inpainter) a batch runs one by one behind the
    same call. On a CPU both take the same time.

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
        core = _core()
        if precision in entry.variants:
            entry = entry.variants[precision]
            entry.verify()
        settings = _settings(entry, threads or default_threads(), _HINT[precision])
        compiled, self._whole = _compile(core, entry, settings, batch)
        inputs = _shapes(compiled.inputs, entry.inputs)
        outputs = _shapes(compiled.outputs, entry.outputs)
        _agree(entry, "inputs", entry.inputs, inputs)
        _agree(entry, "outputs", entry.outputs, outputs)
        super().__init__(entry.name, inputs, outputs, batch)
        self._backend = _describe(core, compiled)
        self._request: Any = compiled.create_infer_request()
        self._ports = {name: _port(compiled.inputs, name) for name in inputs}
        self._results = {name: _port(compiled.outputs, name) for name in outputs}
        self._given = stacked(inputs, batch)
        self._made = stacked(outputs, batch)

    @property
    def backend(self) -> str:
        """What runs it, as OpenVINO reports it: version, device, precision, threads."""
        return self._backend

    def _run(self, inputs: Mapping[str, Floats], count: int) -> dict[str, Floats]:
        for name, array in inputs.items():
            self._given[name][:count] = array
        if self._whole or count == 1:
            self._infer(slice(0, count))
            return {name: self._request.get_tensor(p).data for name, p in self._results.items()}
        for item in range(count):
            self._infer(slice(item, item + 1))
            for name, port in self._results.items():
                self._made[name][item] = self._request.get_tensor(port).data[0]
        return {name: array[:count] for name, array in self._made.items()}

    def _infer(self, items: slice) -> None:
        import openvino

        for name, port in self._ports.items():
            tensor = openvino.Tensor(self._given[name][items], shared_memory=True)
            self._request.set_tensor(port, tensor)
        self._request.infer()

    def _free(self) -> None:
        self._given, self._made, self._ports, self._results = {}, {}, {}, {}
        self._request = None


def void(_: object) -> None:
    """Take a result nobody needs."""


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


def _settings(entry: EngineEntry, threads: int, hint: str) -> dict[str, str]:
    settings = {
        # One frame at a time: latency counts, so one stream with all the threads.
        "NUM_STREAMS": "1",
        "INFERENCE_NUM_THREADS": str(threads),
        "PERFORMANCE_HINT": "LATENCY",
        # Pinned threads of three networks and two codecs would sit on the same cores.
        "ENABLE_CPU_PINNING": "NO",
        "INFERENCE_PRECISION_HINT": hint,
    }
    kept = cache_dir(f"openvino/{entry.sha256[:16]}")
    return settings | ({} if kept is None else {"CACHE_DIR": str(kept)})


def _compile(
    core: Any, entry: EngineEntry, settings: Mapping[str, str], batch: int
) -> tuple[Any, bool]:
    """Return the compiled network and whether it takes all items of a batch at once."""
    try:
        if batch > 1 and (model := _reshaped(core, entry, batch)) is not None:
            return core.compile_model(model, "CPU", settings), True
        # By its path: only so does OpenVINO look into its cache before it reads the network.
        return core.compile_model(str(entry.path), "CPU", settings), False
    except Exception as error:  # OpenVINO raises bare RuntimeError with a long trace
        raise BackendUnavailable(f"cannot compile {entry.path.name}: {_short(error)}") from error


def _reshaped(core: Any, entry: EngineEntry, batch: int) -> Any:
    """Return the network for 1 to ``batch`` items; None if its graph is made for one."""
    import openvino

    model = core.read_model(str(entry.path))
    try:
        # First to just that many: a range that begins at 1 would agree with any graph.
        for lead in (openvino.Dimension(batch), openvino.Dimension(1, batch)):
            sides = {name: [lead, *spec.shape[1:]] for name, spec in entry.inputs.items()}
            model.reshape({name: openvino.PartialShape(s) for name, s in sides.items()})
    except RuntimeError:
        return None
    return model


def _port(ports: Any, name: str) -> Any:
    return next(port for port in ports if name in port.get_names())


def _shapes(ports: Any, wanted: Iterable[str]) -> dict[str, Shape]:
    """Name the ports. OpenVINO may give one several names, an inner layer's among them."""
    shapes = {}
    for port in ports:
        known = sorted(port.get_names() & set(wanted))
        name = known[0] if known else port.get_any_name()
        sides = port.partial_shape
        shapes[name] = tuple(int(s.get_length()) if s.is_static else 1 for s in sides)
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


def _machine(core: Any, threads: int | None) -> dict[str, Any]:
    import openvino

    return {
        "cpu": core.get_property("CPU", "FULL_DEVICE_NAME").strip(),
        "capabilities": sorted(core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")),
        "openvino": openvino.__version__,
        "threads": threads or default_threads(),
    }


def _describe(core: Any, compiled: Any) -> str:
    """Read back from the compiled network what will run it; nothing here is assumed."""
    import openvino

    release = openvino.__version__.split("-")[0]
    devices = "+".join(compiled.get_property("EXECUTION_DEVICES"))
    threads = compiled.get_property("INFERENCE_NUM_THREADS")
    chip = core.get_property(devices.split("+")[0], "FULL_DEVICE_NAME").strip()
    plural = "" if threads == 1 else "s"
    kind = _precision(compiled)
    return f"OpenVINO {release} {devices} {kind} ({chip}, {threads} thread{plural})"


def _precision(compiled: Any) -> str:
    """Return what most of the network's heavy layers are computed in, else the hint."""
    names = {"f32": "FP32", "f16": "FP16", "bf16": "BF16", "i8": "INT8", "u8": "INT8"}
    heavy = [
        names.get(kind := _text(info["runtimePrecision"]), kind)
        for layer in compiled.get_runtime_model().get_ops()
        if _text((info := layer.get_rt_info())["layerType"]) in ("Convolution", "FullyConnected")
    ]
    if not heavy:
        hint = str(compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name())
        return names.get(hint, hint)
    most = max(set(heavy), key=heavy.count)
    part = heavy.count(most)
    return most if part == len(heavy) else f"{most} in {part} of {len(heavy)} layers"


def _text(value: Any) -> str:
    return str(value.astype(str))


def _short(error: Exception) -> str:
    """Keep the last telling line of OpenVINO's multi-line messages."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
