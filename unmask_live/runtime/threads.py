"""How many CPU threads pay."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from unmask_live.runtime.cores import cores
from unmask_live.runtime.trial import Start, settle

USUAL = 4
"""What a backend takes at most where nothing is tried; a choice, not a measurement."""
MOST = 8
"""What is tried at most: these networks are small, and the codecs need cores too."""
PAYS = 0.85
"""Twice the threads must need less than this share of the time to be taken."""
TRIFLE = 1.0
"""Milliseconds below which a network is left on one thread untried."""


def default_threads() -> int:
    """Return how many threads an engine takes where nothing is tried: the cores, at most 4."""
    return max(1, min(USUAL, cores()))


def shared_cores() -> int:
    """Return on how many cores each of two engines may count that run side by side: half of them.

    Two threads of one network wait for each other after every layer; on cores that have other work
    as well this costs more than it gains.
    """
    return max(1, cores() // 2)


def counts(most: int) -> tuple[int, ...]:
    """Return the numbers of threads to try on so many cores: 1, 2, 4, 8."""
    return tuple(count for count in (1, 2, 4, 8) if count <= max(1, min(most, MOST)))


def fewest(spent: Mapping[str, float]) -> str:
    """Return the number of threads beyond which more gain too little; names are numbers."""
    best, *more = sorted(spent, key=int)
    for name in more:
        if spent[name] < PAYS * spent[best]:
            best = name
    return best


def choose(
    network: str,
    most: int,
    key: Mapping[str, Any],
    start: Start,
    clock: Callable[[], float] = time.perf_counter,
) -> int:
    """Return how many threads to run a network on, measured and kept like its precision.

    Parameters
    ----------
    most : cores that it may count on
    key : whatever the measurement holds for: the file, precision, processor, backend's version
    start : opens the network with so many threads, a number as text, and returns what runs it once
    """
    tried = counts(most)
    if len(tried) == 1:
        return 1
    alone = start("1")
    alone()  # the first allocates
    begin = clock()
    alone()
    if (clock() - begin) * 1e3 < TRIFLE:
        return 1
    names = [str(count) for count in tried]
    return int(
        settle(f"threads/{network}", {**key, "cores": most}, names, start, fewest, clock=clock)
    )
