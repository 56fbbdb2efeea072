"""The stages of a run as plain functions joined by channels; no threads in here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from functools import partial
from typing import Any, TypeVar

from unmask_live.channel import Channel, Ended, Stopped

A = TypeVar("A")

Work = Callable[[Iterable[Any]], Iterator[Any]]
"""A stage in the middle: takes items, yields a result for each."""


class Stages:
    """A source, what works on its items one after the other, and what takes the results.

    Parameters
    ----------
    capture : yields the items
    works : the stages in the middle by name, in their order
    present : takes results from the last channel until that raises
    channels : one before each stage but the first

    Attributes
    ----------
    calls : each stage by name, to be called in a thread of its own
    error : the first error of any
    stopped : whether the run is to end
    """

    def __init__(
        self,
        capture: Callable[[], Iterable[Any]],
        works: dict[str, Work],
        present: Callable[[Channel[Any]], None],
        channels: list[Channel[Any]],
    ) -> None:
        self._channels = channels
        self._lock = threading.Lock()
        self.error: BaseException | None = None
        self.stopped = False
        self.calls: dict[str, Callable[[], None]] = {
            "capture": partial(_pass_on, capture, channels[0])
        }
        for (name, work), taken, given in zip(
            works.items(), channels[:-1], channels[1:], strict=True
        ):
            self.calls[name] = partial(_pass_on, partial(work, taken), given)
        self.calls["present"] = partial(present, channels[-1])

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
        """End every wait of any."""
        self.stopped = True
        for channel in self._channels:
            channel.stop()


def _pass_on(stage: Callable[[], Iterable[Any]], given: Channel[Any]) -> None:
    """Hand on what a stage yields."""
    # Closed here, not by the collector: what a generator owns is freed in its own thread.
    with closing(_generator(stage())) as items:
        for item in items:
            given.put(item)
    given.end()


def _generator(items: Iterable[A]) -> Generator[A, None, None]:
    yield from items
