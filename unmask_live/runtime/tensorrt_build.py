"""ONNX to a TensorRT plan: minutes, once for each GPU.

The same for TensorRT 10 and 11: networks are strongly typed, the only kind the latter knows, so
that precision is written into the graph (`graph.rewritten`) and never guessed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from unmask_live.runtime.boundary import imported
from unmask_live.runtime.engine import BackendUnavailable, Report
from unmask_live.runtime.graph import rewritten
from unmask_live.runtime.plans import PlanKey, Plans

WORKSPACE = 1 << 30
"""Bytes that a kernel may use beside its inputs and outputs."""
USUAL = 1
"""Items for which kernels are chosen: mostly there is one face."""


def import_tensorrt() -> Any:
    """Return TensorRT's module.

    Raises
    ------
    BackendUnavailable
        if it is missing, broken, or older or newer than what this was written for
    """
    tensorrt = imported("tensorrt", "pip install 'unmask-live[gpu]'")
    major = str(tensorrt.__version__).partition(".")[0]
    if major not in ("10", "11"):
        raise BackendUnavailable(
            f"TensorRT {tensorrt.__version__} is installed and 10 or 11 is wanted: "
            "pip install 'unmask-live[gpu]'"
        )
    return tensorrt


def new_log(trt: Any) -> Any:
    """Return a logger that keeps the last error, ``.last``, and prints nothing.

    Without an error it is the last warning: of a CUDA that cannot be initialised TensorRT only
    warns, before it hands out null pointers.
    """

    class Log(trt.ILogger):  # type: ignore[misc]  # TensorRT has no types
        def __init__(self) -> None:
            trt.ILogger.__init__(self)
            self.error = self.warning = ""

        @property
        def last(self) -> str:
            return self.error or self.warning

        def log(self, severity: Any, msg: str) -> None:
            levels = trt.ILogger.Severity
            if severity in (levels.ERROR, levels.INTERNAL_ERROR):
                self.error = " ".join(str(msg).split())
            elif severity == levels.WARNING:
                self.warning = " ".join(str(msg).split())

    return Log()


def created(kind: Any, log: Any) -> Any:
    """Return TensorRT's Builder or Runtime.

    Raises
    ------
    BackendUnavailable
        if there is none, as where CUDA cannot be initialised
    """
    try:
        return kind(log)
    except TypeError as error:  # how pybind11 tells of a null pointer
        reason = log.last or error
        raise BackendUnavailable(f"TensorRT gives no {kind.__name__} ({reason})") from error


def build(path: Path, key: PlanKey, plans: Plans, report: Report | None) -> bytes:
    """Compile a network's ONNX file for this GPU and return the plan.

    Timings of kernels are read from and added to ``plans``. To be called inside the device's
    context.

    Parameters
    ----------
    path : the ONNX file
    key : names, shapes, batch and precision to build for
    report : told of each phase; its False ends the build

    Raises
    ------
    BackendUnavailable
        if TensorRT cannot build it, or ``report`` had it given up
    """
    trt = import_tensorrt()
    log = new_log(trt)
    builder = created(trt.Builder, log)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(network, log)
    if not parser.parse(rewritten(path, key.precision)):
        told = "; ".join(parser.get_error(i).desc() for i in range(parser.num_errors))
        raise BackendUnavailable(f"cannot read {path.name}: {told or log.last}")
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, WORKSPACE)
    if key.precision == "fp32":
        config.clear_flag(trt.BuilderFlag.TF32)  # 10 bits of mantissa are no fp32
    _add_profile(builder, config, key)
    timings = _use_timings(config, plans.timings(key))
    monitor = None if report is None else _monitor(trt, report)
    if monitor is not None:
        config.progress_monitor = monitor
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        if monitor is not None and monitor.stopped:
            raise BackendUnavailable("building was given up")
        raise BackendUnavailable(f"cannot build {path.name}: {log.last or 'no reason is told'}")
    if timings is not None:
        plans.store_timings(key, bytes(timings.serialize()))
    return bytes(plan)


def _add_profile(builder: Any, config: Any, key: PlanKey) -> None:
    profile = builder.create_optimization_profile()
    for name, shape in key.inputs:
        least, usual, most = ((count, *shape[1:]) for count in (1, USUAL, key.most))
        profile.set_shape(name, least, usual, most)
    if config.add_optimization_profile(profile) < 0:
        raise BackendUnavailable(f"batches of 1 to {key.most} are refused by TensorRT")


def _use_timings(config: Any, kept: bytes) -> Any:
    """Let the build use kept timings, empty ones if they are of no use; return the cache."""
    for data in (kept, b"") if kept else (b"",):
        timings = config.create_timing_cache(data)
        if timings is not None and config.set_timing_cache(timings, ignore_mismatch=False):
            return timings
    return None


def _monitor(trt: Any, report: Report) -> Any:
    class Monitor(trt.IProgressMonitor):  # type: ignore[misc]
        """Passes TensorRT's progress on; it is called from several of TensorRT's threads."""

        def __init__(self) -> None:
            trt.IProgressMonitor.__init__(self)
            self.stopped = False
            self._steps: dict[str, int] = {}

        def phase_start(self, phase_name: str, parent_phase: str, num_steps: int) -> None:
            self._steps[phase_name] = num_steps
            self._tell(phase_name, 0)

        def step_complete(self, phase_name: str, step: int) -> bool:
            return self._tell(phase_name, step + 1)

        def phase_finish(self, phase_name: str) -> None:
            self._tell(phase_name, self._steps.get(phase_name, 1))

        def _tell(self, phase: str, step: int) -> bool:
            try:
                self.stopped |= not report(phase, step, self._steps.get(phase, 1))
            except Exception:  # it would end in TensorRT's own code, which has no use for it
                self.stopped = True
            return not self.stopped

    return Monitor()
