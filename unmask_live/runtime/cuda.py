"""One GPU through pycuda: its context, the one stream all engines share, and their buffers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np

from unmask_live.runtime.boundary import imported
from unmask_live.runtime.engine import Absent, BackendUnavailable, Shape

_NON_BLOCKING = 1
"""CU_STREAM_NON_BLOCKING."""


class Device:
    """The first GPU that CUDA shows (``CUDA_VISIBLE_DEVICES`` chooses).

    Its primary context is used, the one TensorRT itself works in. Everything on the device happens
    inside `current`, in whichever thread owns the engine; what touches the stream, inside `alone`.

    Attributes
    ----------
    name, capability : "NVIDIA L4", "8.9"
    stream : pycuda's stream on which finder, segmenter and inpainter follow one another; it does
        not wait for CUDA's legacy stream, as TensorRT may use that in one thread, building, while
        another records a graph

    Raises
    ------
    BackendUnavailable
        if pycuda, the driver or a GPU is missing
    """

    def __init__(self) -> None:
        try:
            driver = imported("pycuda.driver", "pip install 'unmask-live[gpu]'")
        except Absent as error:  # it is missed where TensorRT is there
            raise BackendUnavailable(f"pycuda is {error}") from error
        self._driver = driver
        try:
            driver.init()
            count = driver.Device.count()
            device = driver.Device(0) if count else None
        except driver.Error as error:
            raise BackendUnavailable(
                f"the NVIDIA driver does not answer ({error}): install or update it"
            ) from error
        if device is None:
            raise BackendUnavailable("there is no NVIDIA GPU (CUDA_VISIBLE_DEVICES may hide it)")
        self.name: str = device.name()
        self.capability = "{}.{}".format(*device.compute_capability())
        self._context = device.retain_primary_context()
        self._lock = threading.Lock()
        with self.current():
            self.stream: Any = driver.Stream(_NON_BLOCKING)

    @contextmanager
    def current(self) -> Iterator[None]:
        """Make this device's context the calling thread's own for a while."""
        self._context.push()
        try:
            yield
        finally:
            self._driver.Context.pop()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Do the same, and keep other threads off the stream meanwhile.

        All engines share it: while one records a CUDA graph, whatever another thread queued would
        become part of that graph, and waiting for the stream would end the recording.
        """
        with self._lock, self.current():
            yield

    def buffer(self, shape: Shape, batch: int) -> Buffer:
        """Return a buffer for ``batch`` items of a shape; to be called inside `current`."""
        return Buffer(self._driver, self.stream, (batch, *shape[1:]))


class Buffer:
    """One array twice: page-locked here, and on the device. Copies are queued on the stream."""

    def __init__(self, driver: Any, stream: Any, shape: Shape) -> None:
        self._driver, self._stream = driver, stream
        self.host: Any = driver.pagelocked_empty(shape, np.float32)
        self.host[...] = 0
        self._device: Any = driver.mem_alloc(self.host.nbytes)

    @property
    def address(self) -> int:
        """Where it lies on the device."""
        return int(self._device)

    def upload(self, count: int) -> None:
        """Queue the first ``count`` items' way to the device."""
        self._driver.memcpy_htod_async(self._device, self.host[:count], self._stream)

    def download(self, count: int) -> None:
        """Queue the first ``count`` items' way back."""
        self._driver.memcpy_dtoh_async(self.host[:count], self._device, self._stream)

    def free(self) -> None:
        """Give the device's memory back; the page-locked part goes with its last user."""
        self._device.free()


@cache
def shared_device() -> Device:
    """Return the process's one device; all engines work on its stream."""
    return Device()
