"""The program's only threads: read, work and write side by side, in order, with bounded queues."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from unmask_live.state import State

__all__ = ["State", "run_file"]

A = TypeVar("A")
B = TypeVar("B")

DEPTH = 4
"""Items that may wait between two stages: enough to even out, 11 MB of 720p frames."""
_POLL = 0.1
"""Seconds between two looks at whether another stage has stopped; nobody waits for it otherwise."""


class _Stopped(Exception):  # noqa: N818 - a signal, no error
    """Another stage has ended the run; never leaves this module."""


class _End:
    """Marks the end of a queue."""


class _Channel(Generic[A]):
    """A bounded queue that gives up waiting when the run has stopped."""

    def __init__(self, depth: int, stop: threading.Event) -> None:
        self._queue: queue.Queue[A | _End] = queue.Queue(depth)
        self._stop = stop

    def put(self, item: A | _End) -> None:
        while not self._stop.is_set():
            try:
                return self._queue.put(item, timeout=_POLL)
            except queue.Full:
                continue
        raise _Stopped

    def __iter__(self) -> Iterator[A]:
        while not self._stop.is_set():
            try:
                item = self._queue.get(timeout=_POLL)
            except queue.Empty:
                continue
            if isinstance(item, _End):
                return
            yield item
        raise _Stopped


def run_file(
    source: Iterable[A], work: Callable[[A], B], write: Callable[[B], None], *, depth: int = DEPTH
) -> None:
    """Send every item of ``source`` through ``work`` to ``write``, in order, none dropped.

    ``source`` is iterated in one thread and ``write`` called in another; ``work`` runs in the
    caller's, so that what it owns never changes hands and Ctrl-C reaches it. When this returns or
    raises, both threads have ended.

    Raises
    ------
    BaseException
        the first error of any stage, as it was raised; the other stages are stopped
    """
    stop = threading.Event()
    errors: list[BaseException] = []
    incoming: _Channel[A] = _Channel(depth, stop)
    outgoing: _Channel[B] = _Channel(depth, stop)

    def guarded(stage: Callable[[], None]) -> None:
        try:
            stage()
        except _Stopped:
            pass
        except BaseException as error:  # handed to the caller below
            errors.append(error)
            stop.set()

    def read() -> None:
        for item in source:
            incoming.put(item)
        incoming.put(_End())

    def drain() -> None:
        for item in outgoing:
            write(item)

    def process() -> None:
        for item in incoming:
            outgoing.put(work(item))
        outgoing.put(_End())

    threads = [
        threading.Thread(target=guarded, args=(stage,), name=f"unmask-{name}", daemon=True)
        for name, stage in (("read", read), ("write", drain))
    ]
    for thread in threads:
        thread.start()
    try:
        guarded(process)
        for thread in threads:
            _join(thread)
    except BaseException:  # Ctrl-C while waiting for the writer
        stop.set()
        for thread in threads:
            thread.join()
        raise
    if errors:
        raise errors[0]


def _join(thread: threading.Thread) -> None:
    """Wait for a thread, in steps, so that Ctrl-C is heard on every system."""
    while thread.is_alive():
        thread.join(timeout=_POLL)
