"""OpenVINO's own objects: its core, networks compiled by it, and what it says of them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from unmask_live.errors import UserError
from unmask_live.runtime import blobs
from unmask_live.runtime.boundary import imported
from unmask_live.runtime.engine import BackendUnavailable, Shape
from unmask_live.runtime.manifest import EngineEntry, TensorSpec
from unmask_live.types import Floats


@cache
def the_core() -> Any:
    """Return the process's one OpenVINO core (loading its plugins takes a while)."""
    # OpenVINO reports each import to a web service if this package can be imported, from a fork of
    # our threads, which may then hang for ever and hold up our exit. Its own stub serves instead.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    openvino = imported("openvino", "pip install openvino")
    core = openvino.Core()
    if "CPU" not in core.available_devices:
        raise BackendUnavailable(f"has no CPU plugin here (devices: {core.available_devices})")
    return core


def settings_for(threads: int, hint: str) -> dict[str, str]:
    """Return what a network is to be compiled with."""
    return {
        # One frame at a time: latency counts, so one stream with all the threads.
        "NUM_STREAMS": "1",
        "INFERENCE_NUM_THREADS": str(threads),
        "PERFORMANCE_HINT": "LATENCY",
        # Pinned threads of three networks and two codecs would sit on the same cores.
        "ENABLE_CPU_PINNING": "NO",
        "INFERENCE_PRECISION_HINT": hint,
    }


def compile_network(core: Any, entry: EngineEntry, settings: Mapping[str, str]) -> Any:
    """Return the compiled network, which takes one item.

    It is read from the cache where that holds it undamaged, and kept there otherwise.
    """
    kept = blobs.folder_for(entry, settings)
    if kept is not None and blobs.drop_damaged(kept):
        settings = {**settings, "CACHE_DIR": str(kept)}
    try:
        # By its path: only so does OpenVINO look into its cache before it reads the network.
        return core.compile_model(str(entry.path), "CPU", settings)
    except Exception as error:  # OpenVINO raises bare RuntimeError with a long trace
        raise BackendUnavailable(f"cannot compile {entry.path.name}: {_short(error)}") from error
    finally:
        if kept is not None:
            blobs.seal(kept)


def bind(request: Any, port: Any, array: Floats) -> None:
    """Let a request take a port's input from an array from now on; the array must outlive it."""
    import openvino

    request.set_tensor(port, openvino.Tensor(array, shared_memory=True))


def port_of(ports: Any, name: str) -> Any:
    """Return the port that has this name among its own."""
    return next(port for port in ports if name in port.get_names())


def shapes_of(ports: Any, wanted: Iterable[str]) -> dict[str, Shape]:
    """Name the ports. OpenVINO may give one several names, an inner layer's among them."""
    shapes = {}
    for port in ports:
        known = sorted(port.get_names() & set(wanted))
        name = known[0] if known else port.get_any_name()
        sides = port.partial_shape
        shapes[name] = tuple(int(s.get_length()) if s.is_static else 1 for s in sides)
    return shapes


def check_manifest(
    entry: EngineEntry, side: str, wanted: Mapping[str, TensorSpec], got: Mapping[str, Shape]
) -> None:
    """Raise UserError unless a network has the arrays that its manifest lists."""
    expected = {name: spec.shape for name, spec in wanted.items()}
    if expected != got:
        raise UserError(
            f"the {entry.name} network does not fit its manifest: got {side} {dict(got)}, "
            f"wanted {expected}; export it again or reinstall unmask-live"
        )


def capabilities(core: Any) -> frozenset[str]:
    """Return what the processor computes in, as OpenVINO names it ("FP32", "BF16", "INT8" ...)."""
    return frozenset(core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"))


def machine(core: Any) -> dict[str, Any]:
    """Return what a measured speed holds for."""
    import openvino

    return {
        "cpu": core.get_property("CPU", "FULL_DEVICE_NAME").strip(),
        "capabilities": sorted(capabilities(core)),
        "openvino": openvino.__version__,
    }


def describe(core: Any, compiled: Any) -> str:
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
