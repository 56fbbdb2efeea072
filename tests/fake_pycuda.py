"""Stands in for pycuda on a machine without a GPU: the calls we make, strict about their use.

Signatures and meanings are those of pycuda's documentation. Device memory is numpy's, streams
queue what is asked of them until they are synchronised, and what pycuda or CUDA would refuse (no
current context, copies beyond an allocation, pageable memory in an asynchronous copy) is refused.
Contexts are each thread's own; a stream that records takes in what any thread queues on it.
"""

from __future__ import annotations

import ctypes
import threading
import types
from collections.abc import Callable
from contextlib import contextmanager

import numpy as np


class Error(Exception):
    """pycuda.driver.Error."""


class LogicError(Error):
    """pycuda.driver.LogicError."""


class MemoryError(Error):
    """pycuda.driver.MemoryError."""


class Gpu:
    """One pretended GPU and all that is known of it; ``Gpu.now`` is the one in use."""

    now: Gpu

    def __init__(self, name: str = "NVIDIA Pretend", capability: tuple[int, int] = (8, 9)) -> None:
        self.name, self.capability = name, capability
        self.count = 1
        self.driver_error = ""
        self.initialised = False
        self._stacks = threading.local()
        self.memory: dict[int, np.ndarray] = {}
        self.pinned: list[np.ndarray] = []
        self.streams: dict[int, Stream] = {}
        self.next_address = 0x7000_0000
        self.graphs: dict[int, list[Callable[[], None]]] = {}
        self.capture_error = 0
        self.launches = 0
        self.allocations_left: int | None = None
        self.during_capture: Callable[[], None] | None = None
        """Called once, when a recording has begun."""
        Gpu.now = self

    @property
    def stack(self) -> list[Context]:
        """The calling thread's contexts: each thread has its own."""
        if not hasattr(self._stacks, "own"):
            self._stacks.own = []
        return self._stacks.own

    def need_context(self) -> None:
        if not self.stack:
            raise LogicError("invalid device context")

    def legacy_stream(self) -> None:
        """Stand for work that some library does on CUDA's legacy stream."""
        if any(one.recording is not None and not one.flags & 1 for one in self.streams.values()):
            raise LogicError("would make the legacy stream depend on a capturing blocking stream")

    def array(self, address: int, nbytes: int) -> np.ndarray:
        """Device memory at an address, as bytes."""
        for start, data in self.memory.items():
            if start <= address and address + nbytes <= start + data.nbytes:
                return data[address - start : address - start + nbytes]
        raise LogicError(f"an illegal memory access was encountered at {address:#x}")


class Context:
    def push(self) -> None:
        Gpu.now.stack.append(self)

    @staticmethod
    def pop() -> None:
        if not Gpu.now.stack:
            raise LogicError("cannot pop non-current context")
        Gpu.now.stack.pop()


class Device:
    def __init__(self, number: int) -> None:
        if not Gpu.now.initialised:
            raise LogicError("initialization error")
        if number >= Gpu.now.count:
            raise LogicError("invalid device ordinal")

    @staticmethod
    def count() -> int:
        if not Gpu.now.initialised:
            raise LogicError("initialization error")
        return Gpu.now.count

    def name(self) -> str:
        return Gpu.now.name

    def compute_capability(self) -> tuple[int, int]:
        return Gpu.now.capability

    def retain_primary_context(self) -> Context:
        return Context()


class Stream:
    def __init__(self, flags: int = 0) -> None:
        Gpu.now.need_context()
        self.flags = flags  # 1: CU_STREAM_NON_BLOCKING
        self.queue: list[Callable[[], None]] = []
        self.recording: list[Callable[[], None]] | None = None
        self.handle = id(self)
        Gpu.now.streams[self.handle] = self

    def put(self, work: Callable[[], None]) -> None:
        (self.queue if self.recording is None else self.recording).append(work)

    def synchronize(self) -> None:
        Gpu.now.need_context()
        if self.recording is not None:
            raise LogicError("operation not permitted when stream is capturing")
        queue, self.queue = self.queue, []
        for work in queue:
            work()


class DeviceAllocation:
    def __init__(self, nbytes: int) -> None:
        gpu = Gpu.now
        gpu.need_context()
        if gpu.allocations_left is not None:
            if not gpu.allocations_left:
                raise MemoryError("cuMemAlloc failed: out of memory")
            gpu.allocations_left -= 1
        self.address, gpu.next_address = gpu.next_address, gpu.next_address + nbytes + 4096
        rubbish = np.full(nbytes, 0x7F, np.uint8)  # memory is never zeroed for us
        gpu.memory[self.address] = rubbish

    def __int__(self) -> int:
        return self.address

    def free(self) -> None:
        Gpu.now.need_context()
        if Gpu.now.memory.pop(self.address, None) is None:
            raise LogicError("freed twice")


def init(flags: int = 0) -> None:
    if Gpu.now.driver_error:
        raise Error(Gpu.now.driver_error)
    Gpu.now.initialised = True


def mem_alloc(nbytes: int) -> DeviceAllocation:
    return DeviceAllocation(nbytes)


def pagelocked_empty(shape: object, dtype: object, order: str = "C", mem_flags: int = 0):
    Gpu.now.need_context()
    array = np.full(shape, np.nan, dtype)
    Gpu.now.pinned.append(array)
    return array


def _check_pinned(array: np.ndarray) -> None:
    if not array.flags.c_contiguous:
        raise ValueError("ndarray is not contiguous")
    if not any(np.shares_memory(array, one) for one in Gpu.now.pinned):
        raise LogicError("asynchronous copy of memory that is not page-locked")


def memcpy_htod_async(dest: DeviceAllocation, src: np.ndarray, stream: Stream | None = None):
    Gpu.now.need_context()
    _check_pinned(src)
    if stream is None:
        raise LogicError("the default stream waits for all others")
    Gpu.now.array(int(dest), src.nbytes)  # refused when asked, not when run

    def copy() -> None:
        Gpu.now.array(int(dest), src.nbytes)[...] = np.ascontiguousarray(src).view(np.uint8).ravel()

    stream.put(copy)


def memcpy_dtoh_async(dest: np.ndarray, src: DeviceAllocation, stream: Stream | None = None):
    Gpu.now.need_context()
    _check_pinned(dest)
    if stream is None:
        raise LogicError("the default stream waits for all others")
    Gpu.now.array(int(src), dest.nbytes)

    def copy() -> None:
        dest[...] = Gpu.now.array(int(src), dest.nbytes).view(dest.dtype).reshape(dest.shape)

    stream.put(copy)


class Driver:
    """The driver library's graph calls, as ctypes sees them: status 0 is success."""

    def cuStreamBeginCapture_v2(self, stream: ctypes.c_void_p, mode: int) -> int:  # noqa: N802
        if Gpu.now.capture_error:
            return Gpu.now.capture_error
        Gpu.now.streams[stream.value].recording = []
        hook, Gpu.now.during_capture = Gpu.now.during_capture, None
        if hook is not None:
            hook()
        return 0

    def cuStreamEndCapture(self, stream: ctypes.c_void_p, graph: object) -> int:  # noqa: N802
        one = Gpu.now.streams[stream.value]
        recorded, one.recording = one.recording, None
        if recorded is None:
            return 401  # CUDA_ERROR_ILLEGAL_STATE
        key = 1 + max(Gpu.now.graphs, default=0)
        Gpu.now.graphs[key] = recorded
        graph._obj.value = key
        return 0

    def cuGraphInstantiateWithFlags(  # noqa: N802
        self, executable: object, graph: ctypes.c_void_p, flags: ctypes.c_ulonglong
    ) -> int:
        if flags.value or graph.value not in Gpu.now.graphs:
            return 1
        key = 1 + max(Gpu.now.graphs, default=0)
        Gpu.now.graphs[key] = Gpu.now.graphs[graph.value]
        executable._obj.value = key
        return 0

    def cuGraphLaunch(self, executable: ctypes.c_void_p, stream: ctypes.c_void_p) -> int:  # noqa: N802
        if executable.value not in Gpu.now.graphs or not Gpu.now.stack:
            return 400  # CUDA_ERROR_INVALID_HANDLE
        Gpu.now.launches += 1
        for work in Gpu.now.graphs[executable.value]:
            Gpu.now.streams[stream.value].put(work)
        return 0

    def cuGraphDestroy(self, graph: ctypes.c_void_p) -> int:  # noqa: N802
        return 0 if Gpu.now.graphs.pop(graph.value, None) is not None else 400

    cuGraphExecDestroy = cuGraphDestroy  # noqa: N815


def modules() -> dict[str, types.ModuleType]:
    """What ``sys.modules`` is to hold."""
    package, driver = types.ModuleType("pycuda"), types.ModuleType("pycuda.driver")
    for item in (Error, LogicError, MemoryError, Context, Device, Stream, DeviceAllocation):
        setattr(driver, item.__name__, item)
    driver.init, driver.mem_alloc = init, mem_alloc
    for function in (pagelocked_empty, memcpy_htod_async, memcpy_dtoh_async):
        setattr(driver, function.__name__, function)
    package.driver = driver
    return {"pycuda": package, "pycuda.driver": driver}


@contextmanager
def context():
    """A current context for a test that calls below the engine."""
    Context().push()
    try:
        yield
    finally:
        Context.pop()
