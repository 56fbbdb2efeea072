"""Waiting for another thread: as short as can be, and never for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

SOON = 60.0
"""Seconds for what takes none: only a hang reaches it."""


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < end, "never came to pass"
        time.sleep(0.001)


def our_threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("unmask-")]
