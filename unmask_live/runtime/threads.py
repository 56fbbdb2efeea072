"""How many CPU threads pay."""

from __future__ import annotations

import os

MOST_THREADS = 4
"""Networks this small gain nothing beyond; more threads only take cores from the codecs."""


def default_threads() -> int:
    """Return how many threads an engine takes by itself: the cores we may use, at most 4."""
    return max(1, min(MOST_THREADS, _cores()))


def shared_threads() -> int:
    """Return how many each of two engines takes that run side by side: half of the cores each.

    Two threads of one network wait for each other after every layer; on cores that have other work
    as well this costs more than it gains.
    """
    return max(1, min(MOST_THREADS, _cores() // 2))


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))  # respects taskset and container limits
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1
