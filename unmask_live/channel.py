"""Hand-over between two threads: live keeps the newest item, a file keeps all in order.

Both wait on a condition, so that an item, the end and a stop are heard at once.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

A = TypeVar("A")

_LISTEN = 0.1
"""Longest single wait, seconds: on some systems Ctrl-C is heard only between two waits."""


class Stopped(Exception):  # noqa: N818 - a signal, no error
    """The run has ended while a thread was waiting, or wanted to."""


class Nothing(Exception):  # noqa: N818 - a signal, no error
    """Nothing came in the time that was given."""


class Ended(Exception):  # noqa: N818 - a signal, no error
    """The giver has nothing more to give."""


class _End:
    """The sentinel behind the last item."""


class Channel(ABC, Generic[A]):
    """One thread puts, one takes; any may stop it.

    Attributes
    ----------
    dropped : items that were put and never taken, because newer ones came
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._items: deque[A | _End] = deque()
        self._changed = threading.Condition()
        self._stopped = False

    @abstractmethod
    def put(self, item: A) -> None:
        """Hand an item over.

        Raises
        ------
        Stopped
            if the run has ended
        """

    def end(self) -> None:
        """Say that nothing more will come; what waits is still taken."""
        with self._changed:
            self._items.append(_End())
            self._changed.notify_all()

    def stop(self) -> None:
        """Make every wait, now or later, end with `Stopped`."""
        with self._changed:
            self._stopped = True
            self._items.clear()
            self._changed.notify_all()

    def get(self, timeout: float | None = None) -> A:
        """Take the next item.

        Raises
        ------
        Nothing
            if none came within ``timeout`` seconds
        Ended
            if the giver has said so and all is taken
        Stopped
            if the run has ended
        """
        due = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while not self._items:
                self._wait(due)
            self._check()
            item = self._items[0]
            if isinstance(item, _End):
                raise Ended
            self._items.popleft()
            self._changed.notify_all()
            return item

    def __iter__(self) -> Iterator[A]:
        """Take items until the end; raises `Stopped` as `get` does."""
        while True:
            try:
                item = self.get()
            except Ended:
                return
            yield item

    def _wait(self, due: float | None = None) -> None:
        """Wait for a change; the lock is held before and after."""
        self._check()
        left = _LISTEN if due is None else due - time.monotonic()
        if left <= 0:
            raise Nothing
        self._changed.wait(min(left, _LISTEN))
        self._check()

    def _check(self) -> None:
        if self._stopped:
            raise Stopped


class Newest(Channel[A]):
    """One slot: an item that was not taken gives way to the next, and is counted.

    Parameters
    ----------
    on_drop : called for each, in the giver's thread
    """

    def __init__(self, on_drop: Callable[[], None] | None = None) -> None:
        super().__init__()
        self._on_drop = on_drop

    def put(self, item: A) -> None:
        """Hand an item over without waiting; see `Channel.put`."""
        with self._changed:
            self._check()
            late = bool(self._items)
            self._items.clear()
            self._items.append(item)
            self.dropped += late
            self._changed.notify_all()
        if late and self._on_drop is not None:
            self._on_drop()


class Handed(Channel[A]):
    """From hand to hand: the giver waits until its item is taken, so that none grows old."""

    def put(self, item: A) -> None:
        """Hand an item over, waiting for it to be taken; see `Channel.put`."""
        with self._changed:
            self._check()
            self._items.append(item)
            self._changed.notify_all()
            while self._items:
                self._wait()


class Ordered(Channel[A]):
    """A queue of ``depth`` items: the giver waits while it is full, nothing is dropped."""

    def __init__(self, depth: int) -> None:
        super().__init__()
        if depth < 1:
            raise ValueError(f"depth: got {depth}, wanted at least 1")
        self._depth = depth

    def put(self, item: A) -> None:
        """Hand an item over, waiting for room; see `Channel.put`."""
        with self._changed:
            self._check()
            while len(self._items) >= self._depth:
                self._wait()
            self._items.append(item)
            self._changed.notify_all()
