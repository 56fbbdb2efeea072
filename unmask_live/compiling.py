"""Compiling that takes minutes, in a live run: told of now and then, and given up at its end."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping

EVERY = 5.0
"""Seconds between two words about it."""
_SLOW = re.compile(r"TensorRT |ONNX Runtime \S+ Tensorrt")


def compiles(backends: Mapping[str, str]) -> bool:
    """Tell whether opening one more network may take minutes, as TensorRT runs one.

    Parameters
    ----------
    backends : what runs each network, as its backend reports it
    """
    return any(_SLOW.match(text) for text in backends.values())


class Compiling:
    """What a compiler reports to; see `unmask_live.runtime.engine.Report`.

    It may be called from any thread.

    Parameters
    ----------
    say : told, every `EVERY` seconds at most, how far it is
    wanted : whether the result is still of use
    clock : seconds, rising
    """

    def __init__(
        self, say: Callable[[str], None], wanted: Callable[[], bool], clock: Callable[[], float]
    ) -> None:
        self._say, self._wanted, self._clock = say, wanted, clock
        self._lock = threading.Lock()
        self._last: float | None = None

    def __call__(self, phase: str, step: int, steps: int) -> bool:
        """Take in a step; return False to have the compiler give up."""
        with self._lock:
            now = self._clock()
            due = self._last is None or now - self._last >= EVERY
            if due:
                self._last = now
        if due:
            self._say(
                f"the networks are compiled for this GPU, once, for minutes: {phase}, step {step} "
                f"of {steps}; `unmask-live engines build` does it beforehand"
            )
        return self._wanted()
