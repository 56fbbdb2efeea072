"""Capture, unmask and present as plain functions joined by two channels; no threads in here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from typing import Generic, TypeVar

from unmask_live.channel import Channel, Ended, Stopped

A = TypeVar("A")
B = TypeVar("B")


class Stages(Generic[A, B]):
    """The three stages as plain functions, the channels between, and the first error of any."""

    def __init__(
        self,
        capture: Callable[[], Iterable[A]],
        unmask: Callable[[Iterable[A]], Iterator[B]],
        present: Callable[[Channel[B]], None],
        incoming: Channel[A],
        outgoing: Channel[B],
    ) -> None:
        self._capture, self._unmask, self._present = capture, unmask, present
        self._incoming, self._outgoing = incoming, outgoing
        self._lock = threading.Lock()
        self.error: BaseException | None = None
        self.stopped = False

    def capture(self) -> None:
        """Pass on what the source gives."""
        # Closed here, not by the collector: what a generator owns is freed in its own thread.
        with closing(_generator(self._capture())) as items:
            for item in items:
                self._incoming.put(item)
        self._incoming.end()

    def unmask(self) -> None:
        """Pass on what the middle stage makes of it."""
        with closing(_generator(self._unmask(self._incoming))) as results:
            for result in results:
                self._outgoing.put(result)
        self._outgoing.end()

    def present(self) -> None:
        """Present the results."""
        self._present(self._outgoing)

    def guarded(self, stage: Callable[[], None]) -> None:
        """Run a stage to its end; its own error ends the run."""
        try:
            stage()
        except (Stopped, Ended):
            pass
        except BaseException as error:  # handed to the owner
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        """Stop all stages; the first error is the one that counts."""
        with self._lock:
            self.error = self.error or error
        self.stop()

    def stop(self) -> None:
        """End every wait of the three."""
        self.stopped = True
        self._incoming.stop()
        self._outgoing.stop()


def _generator(items: Iterable[A]) -> Generator[A, None, None]:
    yield from items
