"""CUDA graphs: queued work recorded once and then started by one call.

pycuda has no word for them, so the driver's own functions are called. They are the ones of CUDA
11.4 and newer.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

THREAD_LOCAL = 1
"""CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: other threads may allocate and build meanwhile."""


class CaptureError(Exception):
    """The work cannot be recorded; the text says which call refused."""


class Graph:
    """Recorded work. To be used in the context it was recorded in, by one thread at a time."""

    def __init__(self, library: Any, executable: ctypes.c_void_p, stream: int) -> None:
        self._library, self._executable = library, executable
        self._stream = ctypes.c_void_p(stream)

    def launch(self) -> None:
        """Queue the recorded work again.

        Raises
        ------
        RuntimeError
            if the driver refuses
        """
        status = self._library.cuGraphLaunch(self._executable, self._stream)
        if status:
            raise RuntimeError(f"cuGraphLaunch failed with CUDA error {status}")

    def close(self) -> None:
        """Free it. Safe to call twice."""
        executable, self._executable = self._executable, ctypes.c_void_p()
        if executable:
            self._library.cuGraphExecDestroy(executable)


def capture(stream: int, work: Callable[[], None]) -> Graph:
    """Record what ``work`` queues on a stream; nothing of it is run.

    Parameters
    ----------
    stream : the stream's handle; the current context must be its own
    work : queues copies and kernels, all on that stream, and allocates nothing; no other thread
        may use the stream meanwhile

    Raises
    ------
    CaptureError
        if the driver is too old or something in ``work`` cannot be recorded
    """
    library = _library()
    handle, graph, executable = ctypes.c_void_p(stream), ctypes.c_void_p(), ctypes.c_void_p()
    _check("cuStreamBeginCapture", library.cuStreamBeginCapture_v2(handle, THREAD_LOCAL))
    try:
        work()
    except Exception as error:  # the stream must leave capture whatever happened
        if not library.cuStreamEndCapture(handle, ctypes.byref(graph)) and graph:
            library.cuGraphDestroy(graph)
        raise CaptureError(f"cannot be recorded: {error}") from error
    _check("cuStreamEndCapture", library.cuStreamEndCapture(handle, ctypes.byref(graph)))
    try:
        _check(
            "cuGraphInstantiate",
            library.cuGraphInstantiateWithFlags(
                ctypes.byref(executable), graph, ctypes.c_ulonglong(0)
            ),
        )
    finally:
        library.cuGraphDestroy(graph)
    return Graph(library, executable, stream)


@cache
def _library() -> Any:
    """Return the driver's library, loaded already by pycuda."""
    name = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        library = ctypes.CDLL(name)
        for function in ("cuStreamBeginCapture_v2", "cuGraphInstantiateWithFlags"):
            getattr(library, function)
    except (OSError, AttributeError) as error:
        raise CaptureError(f"the NVIDIA driver has no CUDA graphs ({error})") from error
    return library


def _check(call: str, status: int) -> None:
    if status:
        raise CaptureError(f"{call} failed with CUDA error {status}")
