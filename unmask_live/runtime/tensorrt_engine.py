"""A TensorRT plan that runs: named arrays in page-locked memory, one stream, CUDA graphs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from unmask_live.errors import UserError
from unmask_live.runtime import cuda_graph
from unmask_live.runtime.cuda import Buffer, Device
from unmask_live.runtime.engine import BackendUnavailable, Shape
from unmask_live.runtime.manifest import EngineEntry
from unmask_live.runtime.owned import OwnedEngine
from unmask_live.runtime.tensorrt_build import created, import_tensorrt, new_log
from unmask_live.types import Floats


class TensorRtEngine(OwnedEngine):
    """One plan on one GPU; see `Engine` for the contract. A batch runs at once.

    Buffers are page-locked and bound by name once. For each number of items there is a context of
    its own, whose copies and kernels are recorded as a CUDA graph after the first run where the
    driver can. All engines queue on the device's one stream, one at a time. Each call waits on the
    host until its outputs are here, and so does another thread's: what lies between the networks
    (crops, mattes) is done on the CPU, so that they are not chained on the device without a stop.

    Parameters
    ----------
    entry : the network that the plan was built from
    plan : as TensorRT serialised it
    device : where it runs
    batch : items of one call at most
    told : precision and remarks, for `backend`

    Raises
    ------
    BackendUnavailable
        if TensorRT does not take the plan; what CUDA raises besides passes as it is
    UserError
        if the plan is not of the network that the manifest describes
    """

    def __init__(
        self, entry: EngineEntry, plan: bytes, *, device: Device, batch: int = 1, told: str = ""
    ) -> None:
        inputs = {name: spec.shape for name, spec in entry.inputs.items()}
        outputs = {name: spec.shape for name, spec in entry.outputs.items()}
        super().__init__(entry.name, inputs, outputs, batch)
        trt = import_tensorrt()
        self._device, self._told = device, told
        self._version = str(trt.__version__)
        self._log = new_log(trt)
        self._recorded = "CUDA graph not tried"
        self._runtime: Any = None
        self._engine: Any = None
        self._buffers: dict[str, Buffer] = {}
        self._prepared: dict[int, _Prepared] = {}
        try:
            self._load(trt, plan, entry)
        except BaseException:
            self.close()
            raise

    def _load(self, trt: Any, plan: bytes, entry: EngineEntry) -> None:
        with self._device.current():
            self._runtime = created(trt.Runtime, self._log)
            self._engine = self._runtime.deserialize_cuda_engine(plan)
            if self._engine is None:
                raise BackendUnavailable(f"does not take its plan ({self._log.last})")
            _agree(trt, self._engine, entry)
            for name, shape in {**self._inputs, **self._outputs}.items():
                self._buffers[name] = self._device.buffer(shape, self._batch)

    @property
    def backend(self) -> str:
        """What runs it: TensorRT's version, GPU, precision, what was refused, CUDA graph or not."""
        return f"TensorRT {self._version} {self._device.name} {self._told}, {self._recorded}"

    def _run(self, inputs: Mapping[str, Floats], count: int) -> dict[str, Floats]:
        with self._device.alone():
            for name, array in inputs.items():
                self._buffers[name].host[:count] = array
            if count not in self._prepared:
                self._prepared[count] = self._prepare(count)
            prepared = self._prepared[count]
            prepared.run()
            self._device.stream.synchronize()
            self._recorded = prepared.recorded
        return {name: self._buffers[name].host[:count] for name in self._outputs}

    def _prepare(self, count: int) -> _Prepared:
        """Return a context for so many items, every shape and address set."""
        context = self._engine.create_execution_context()
        if context is None:
            raise RuntimeError(f"TensorRT gives no context ({self._log.last})")
        for name, shape in self._inputs.items():
            if not context.set_input_shape(name, (count, *shape[1:])):
                raise RuntimeError(f"TensorRT refuses {count} items ({self._log.last})")
        for name, buffer in self._buffers.items():
            if not context.set_tensor_address(name, buffer.address):
                raise RuntimeError(f"TensorRT refuses the buffer of {name!r} ({self._log.last})")
        stream = self._device.stream.handle

        def work() -> None:
            for name in self._inputs:
                self._buffers[name].upload(count)
            if not context.execute_async_v3(stream):
                raise RuntimeError(f"TensorRT does not run ({self._log.last})")
            for name in self._outputs:
                self._buffers[name].download(count)

        return _Prepared(work, stream, self._device)

    def _free(self) -> None:
        with self._device.alone():
            for prepared in self._prepared.values():
                prepared.close()
            self._prepared = {}
            for buffer in self._buffers.values():
                buffer.free()
            self._buffers = {}
            self._engine = self._runtime = None  # in this order: one lives in the other


class _Prepared:
    """The work for one number of items: queued step by step at first, then as a CUDA graph."""

    def __init__(self, work: Callable[[], None], stream: int, device: Device) -> None:
        self._work, self._stream, self._device = work, stream, device
        self._graph: cuda_graph.Graph | None = None
        self.recorded = "CUDA graph not tried"

    def run(self) -> None:
        """Queue it; the first time also record it, which runs nothing."""
        if self._graph is not None:
            self._graph.launch()
            return
        self._work()
        if self.recorded != "CUDA graph not tried":
            return
        self._device.stream.synchronize()  # TensorRT sets things up in its first run
        try:
            self._graph = cuda_graph.capture(self._stream, self._work)
        except cuda_graph.CaptureError as error:
            self.recorded = f"no CUDA graph: {error}"
        else:
            self.recorded = "CUDA graph"

    def close(self) -> None:
        """Free the graph, and with the work its context."""
        if self._graph is not None:
            self._graph.close()
        self._work = _nothing


def _nothing() -> None:
    raise RuntimeError("the engine is closed")


def _agree(trt: Any, engine: Any, entry: EngineEntry) -> None:
    """Raise UserError unless a plan has the manifest's arrays, in fp32 and for any batch."""
    modes = {trt.TensorIOMode.INPUT: "inputs", trt.TensorIOMode.OUTPUT: "outputs"}
    got: dict[str, dict[str, Shape]] = {"inputs": {}, "outputs": {}}
    for index in range(engine.num_io_tensors):
        name = engine.get_tensor_name(index)
        if engine.get_tensor_dtype(name) != trt.float32:
            raise UserError(f"the {entry.name} plan has {name!r} not in fp32: build it again")
        sides = tuple(int(side) for side in engine.get_tensor_shape(name))
        got[modes[engine.get_tensor_mode(name)]][name] = (1, *sides[1:])
    wanted = {
        "inputs": {name: spec.shape for name, spec in entry.inputs.items()},
        "outputs": {name: spec.shape for name, spec in entry.outputs.items()},
    }
    if got != wanted:
        raise UserError(
            f"the {entry.name} plan does not fit its manifest: got {got}, wanted {wanted}; "
            "run `unmask-live engines clean` and build it again"
        )
