"""Stands in for TensorRT 10 or 11 on a machine without one: the calls we make, strict about use.

Names, arguments and what is returned on failure (None, False, -1) are those of NVIDIA's Python
documentation. A "plan" holds the ONNX graph it was built from and ONNX Runtime computes it, so
that what comes out is what that graph really says, in its own precision and for its own batch.
Wrong use raises: a tensor that is not there, a shape outside the profile, a context run before
every shape and address is set, objects used after what they live in is gone.
"""

from __future__ import annotations

import enum
import json
import types
from collections.abc import Callable

import fake_pycuda
import numpy as np
import onnx
import onnxruntime

_MAGIC = b"plan\n"


class ILogger:
    class Severity(enum.IntEnum):
        INTERNAL_ERROR = 0
        ERROR = 1
        WARNING = 2
        INFO = 3
        VERBOSE = 4

    def __init__(self) -> None:
        self.initialised = True


def _check_logger(logger: ILogger) -> ILogger:
    if not getattr(logger, "initialised", False):
        raise TypeError("ILogger.__init__ was not called")
    return logger


class NetworkDefinitionCreationFlag(enum.IntEnum):
    EXPLICIT_BATCH = 0
    STRONGLY_TYPED = 1


class MemoryPoolType(enum.IntEnum):
    WORKSPACE = 0


class BuilderFlag(enum.IntEnum):
    TF32 = 7


class TensorIOMode(enum.IntEnum):
    NONE = 0
    INPUT = 1
    OUTPUT = 2


class DataType(enum.IntEnum):
    FLOAT = 0
    HALF = 1


float32 = DataType.FLOAT


class IHostMemory:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.nbytes = len(data)

    def __bytes__(self) -> bytes:
        return self.data


class IProgressMonitor:
    def __init__(self) -> None:
        self.initialised = True


class Network:
    def __init__(self, flags: int) -> None:
        self.strong = bool(flags & (1 << NetworkDefinitionCreationFlag.STRONGLY_TYPED))
        self.graph = b""


class ParserError:
    def __init__(self, text: str) -> None:
        self.text = text

    def desc(self) -> str:
        return self.text


class OnnxParser:
    def __init__(self, network: Network, logger: ILogger) -> None:
        _check_logger(logger)
        self.network = network
        self.errors: list[ParserError] = []

    @property
    def num_errors(self) -> int:
        return len(self.errors)

    def get_error(self, index: int) -> ParserError:
        return self.errors[index]

    def parse(self, model: bytes) -> bool:
        try:
            onnx.checker.check_model(onnx.load_from_string(model))
        except Exception as error:
            self.errors.append(ParserError(f"invalid graph: {error}"))
            return False
        self.network.graph = model
        return True


class Profile:
    def __init__(self) -> None:
        self.shapes: dict[str, list[tuple[int, ...]]] = {}

    def set_shape(self, input: str, min: tuple, opt: tuple, max: tuple) -> None:
        if not (len(min) == len(opt) == len(max)) or any(
            not 1 <= a <= b <= c for a, b, c in zip(min, opt, max, strict=True)
        ):
            raise ValueError("inconsistent shapes")
        self.shapes[input] = [tuple(min), tuple(opt), tuple(max)]


class TimingCache:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def serialize(self) -> IHostMemory:
        return IHostMemory(self.data)


class Config:
    def __init__(self) -> None:
        self.flags = {BuilderFlag.TF32}
        self.profiles: list[Profile] = []
        self.timings: TimingCache | None = None
        self.progress_monitor: IProgressMonitor | None = None

    def set_memory_pool_limit(self, pool: MemoryPoolType, pool_size: int) -> None:
        assert pool is MemoryPoolType.WORKSPACE and pool_size > 0

    def clear_flag(self, flag: BuilderFlag) -> None:
        self.flags.discard(flag)

    def add_optimization_profile(self, profile: Profile) -> int:
        if not profile.shapes:
            return -1
        self.profiles.append(profile)
        return len(self.profiles) - 1

    def create_timing_cache(self, serialized_timing_cache: bytes) -> TimingCache | None:
        good = serialized_timing_cache in (b"",) or serialized_timing_cache.startswith(b"timings")
        return TimingCache(serialized_timing_cache) if good else None

    def set_timing_cache(self, cache: TimingCache, ignore_mismatch: bool) -> bool:
        self.timings = cache
        return True


def _kind(model: onnx.ModelProto) -> str:
    """fp32, fp16, or mixed where it goes back and forth."""
    casts = [a.i for n in model.graph.node if n.op_type == "Cast" for a in n.attribute]
    ends = len(model.graph.input) + len(model.graph.output)
    return "fp32" if not casts else "fp16" if len(casts) <= ends else "mixed"


class World:
    """What a test may bend, and what it may look at afterwards."""

    version = "11.4.1"
    fail = ""
    cuda_error = ""
    """Why CUDA cannot be initialised: objects that need it come out as null pointers."""
    executes = True
    builds: list[str]
    spoil: Callable[[str, dict[str, np.ndarray]], None] | None = None

    def __init__(self) -> None:
        self.builds = []
        self.kept_timings: list[bytes] = []
        self.flags: list[set[BuilderFlag]] = []
        self.contexts = 0
        self.during_build: Callable[[], None] | None = None
        World.now = self

    now: World


class Builder:
    def __init__(self, logger: ILogger) -> None:
        self.logger = _check_logger(logger)
        if World.now.cuda_error:  # as TensorRT does: a warning, then pybind11's own words
            logger.log(ILogger.Severity.WARNING, World.now.cuda_error)
            raise TypeError("pybind11::init(): factory function returned nullptr")

    def create_network(self, flags: int = 0) -> Network:
        return Network(flags)

    def create_builder_config(self) -> Config:
        return Config()

    def create_optimization_profile(self) -> Profile:
        return Profile()

    def build_serialized_network(self, network: Network, config: Config) -> IHostMemory | None:
        fake_pycuda.Gpu.now.need_context()
        world = World.now
        model = onnx.load_from_string(network.graph)
        kind = _kind(model)
        if kind != "fp32" and not network.strong:
            raise AssertionError("a weakly typed network takes no precision from its graph")
        fake_pycuda.Gpu.now.legacy_stream()
        hook, world.during_build = world.during_build, None
        if hook is not None:
            hook()
        world.builds.append(kind)
        world.flags.append(set(config.flags))
        dynamic = [p.name for p in model.graph.input if p.type.tensor_type.shape.dim[0].dim_param]
        if dynamic and not all(name in config.profiles[0].shapes for name in dynamic):
            self.logger.log(ILogger.Severity.ERROR, "a dynamic input has no profile")
            return None
        if world.fail:
            self.logger.log(ILogger.Severity.WARNING, "just a warning")
            self.logger.log(ILogger.Severity.ERROR, world.fail)
            return None
        monitor = config.progress_monitor
        if monitor is not None:
            assert monitor.initialised
            monitor.phase_start("Building", None, 3)
            for step in range(3):
                if not monitor.step_complete("Building", step):
                    monitor.phase_finish("Building")
                    return None
            monitor.phase_finish("Building")
        if config.timings is not None:
            world.kept_timings.append(config.timings.data)
            config.timings.data = b"timings of this GPU"
        head = {"profile": config.profiles[0].shapes, "version": world.version}
        return IHostMemory(_MAGIC + json.dumps(head).encode() + b"\n" + network.graph)


class Runtime:
    def __init__(self, logger: ILogger) -> None:
        self.logger = _check_logger(logger)

    def deserialize_cuda_engine(self, serialized_engine: bytes) -> Engine | None:
        fake_pycuda.Gpu.now.need_context()
        if not serialized_engine.startswith(_MAGIC):
            self.logger.log(ILogger.Severity.ERROR, "magic tag does not match")
            return None
        head, _, graph = serialized_engine[len(_MAGIC) :].partition(b"\n")
        found = json.loads(head)
        if found["version"] != World.now.version:
            self.logger.log(ILogger.Severity.ERROR, "version tag does not match")
            return None
        profile = {k: [tuple(s) for s in v] for k, v in found["profile"].items()}
        return Engine(graph, profile, self.logger)


class Engine:
    def __init__(
        self, graph: bytes, profile: dict[str, list[tuple[int, ...]]], logger: ILogger
    ) -> None:
        self.profile, self.logger = profile, logger
        self.kind = _kind(onnx.load_from_string(graph))
        settings = onnxruntime.SessionOptions()
        settings.log_severity_level = 4
        settings.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            graph, settings, providers=["CPUExecutionProvider"]
        )
        self.ports = {p.name: (TensorIOMode.INPUT, p.shape) for p in self.session.get_inputs()}
        self.ports |= {p.name: (TensorIOMode.OUTPUT, p.shape) for p in self.session.get_outputs()}

    @property
    def num_io_tensors(self) -> int:
        return len(self.ports)

    def get_tensor_name(self, index: int) -> str:
        return list(self.ports)[index]

    def get_tensor_mode(self, name: str) -> TensorIOMode:
        return self.ports[name][0]

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return tuple(side if isinstance(side, int) else -1 for side in self.ports[name][1])

    def get_tensor_dtype(self, name: str) -> DataType:
        every = (*self.session.get_inputs(), *self.session.get_outputs())
        kind = next(port.type for port in every if port.name == name)
        return {"tensor(float)": DataType.FLOAT, "tensor(float16)": DataType.HALF}[kind]

    def create_execution_context(self) -> ExecutionContext:
        fake_pycuda.Gpu.now.need_context()
        World.now.contexts += 1
        return ExecutionContext(self)


class ExecutionContext:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.addresses: dict[str, int] = {}

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        if self.engine.ports[name][0] is not TensorIOMode.INPUT:
            raise AssertionError(f"{name} is no input")
        least, _, most = self.engine.profile[name]
        inside = len(shape) == len(least) and all(
            a <= b <= c for a, b, c in zip(least, shape, most, strict=True)
        )
        if inside:
            self.shapes[name] = tuple(shape)
        return inside

    def set_tensor_address(self, name: str, memory: int) -> bool:
        if name not in self.engine.ports:
            raise AssertionError(f"there is no tensor {name}")
        if not isinstance(memory, int):
            raise TypeError("an address is an int")
        self.addresses[name] = memory
        return True

    def execute_async_v3(self, stream_handle: int) -> bool:
        gpu = fake_pycuda.Gpu.now
        gpu.need_context()
        modes = {name: mode for name, (mode, _) in self.engine.ports.items()}
        inputs = [name for name, mode in modes.items() if mode is TensorIOMode.INPUT]
        if set(self.shapes) != set(inputs) or set(self.addresses) != set(modes):
            raise AssertionError("not every shape and address is set")
        if not World.now.executes:
            self.engine.logger.log(ILogger.Severity.ERROR, "no kernel image is available")
            return False
        shapes, addresses = dict(self.shapes), dict(self.addresses)

        def kernel() -> None:
            given = {}
            for name, shape in shapes.items():
                nbytes = 4 * int(np.prod(shape))
                given[name] = gpu.array(addresses[name], nbytes).view(np.float32).reshape(shape)
            names = [name for name in modes if name not in inputs]
            made = dict(zip(names, self.engine.session.run(names, given), strict=True))
            if World.now.spoil is not None:
                World.now.spoil(self.engine.kind, made)
            for name, array in made.items():
                gpu.array(addresses[name], array.nbytes)[...] = (
                    np.ascontiguousarray(array).view(np.uint8).ravel()
                )

        gpu.streams[stream_handle].put(kernel)
        return True


def module(version: str = "11.4.1") -> types.ModuleType:
    """What ``sys.modules["tensorrt"]`` is to be."""
    fake = types.ModuleType("tensorrt")
    fake.__version__ = version
    for item in (
        ILogger,
        NetworkDefinitionCreationFlag,
        MemoryPoolType,
        BuilderFlag,
        TensorIOMode,
        DataType,
        IProgressMonitor,
        OnnxParser,
        Builder,
        Runtime,
    ):
        setattr(fake, item.__name__, item)
    fake.float32 = float32
    World.now.version = version
    return fake
