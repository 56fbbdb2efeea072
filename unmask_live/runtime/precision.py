"""Which precision of a network is worth running on this processor: tried once, then remembered."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from unmask_live.runtime import cache
from unmask_live.runtime.manifest import EngineEntry

SECONDS = 0.3
"""How long one network is tried, over all its precisions: a second for all three."""
WORTH = 0.95
"""A precision must need less than this share of fp32's time to be taken."""
Run = Callable[[], None]


def candidates(entry: EngineEntry, capabilities: frozenset[str]) -> tuple[str, ...]:
    """Return the precisions that may run here, the reference first.

    Parameters
    ----------
    capabilities : what the backend says the processor can do ("BF16", "INT8" ...)
    """
    found = ["fp32"]
    if "BF16" in capabilities:  # AMX or AVX512_BF16: elsewhere it would be emulated
        found.append("bf16")
    if "INT8" in capabilities and "int8" in entry.variants:
        found.append("int8")
    return tuple(found)


def fastest(spent: Mapping[str, float]) -> str:
    """Return the quickest precision; fp32 unless another is quicker by more than chance."""
    best = min(spent, key=lambda precision: spent[precision])
    return best if spent[best] < WORTH * spent["fp32"] else "fp32"


def choose(
    entry: EngineEntry,
    names: tuple[str, ...],
    machine: Mapping[str, Any],
    start: Callable[[str], Run],
    clock: Callable[[], float] = time.perf_counter,
) -> str:
    """Return the precision to run, measured at the first start and kept in the user's cache.

    Parameters
    ----------
    names : what may run, from `candidates`
    machine : processor, backend's version, threads: whatever the measurement holds for
    start : opens a precision and returns what runs it once
    """
    if len(names) == 1:
        return names[0]
    files = {"fp32": entry.sha256} | {p: other.sha256 for p, other in entry.variants.items()}
    key = {"machine": dict(machine), "files": files, "names": list(names)}
    folder = cache.cache_dir("precision")
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:16]
    record = None if folder is None else folder / f"{entry.name}-{digest}.json"
    known = cache.read_json(record).get("choice") if record is not None else None
    if known in names:
        return str(known)
    spent = measure({name: start(name) for name in names}, clock)
    choice = fastest(spent)
    if record is not None:
        cache.write_json(record, {**key, "milliseconds": spent, "choice": choice})
    return choice


def measure(runs: Mapping[str, Run], clock: Callable[[], float]) -> dict[str, float]:
    """Return the least milliseconds of each, run in turns for `SECONDS` and thrice at least.

    In turns, and the least: what else the machine does meanwhile falls on all alike.
    """
    for run in runs.values():
        run()  # the first allocates
    spent = dict.fromkeys(runs, float("inf"))
    end, rounds = clock() + SECONDS, 0
    while rounds < 3 or clock() < end:
        for name, run in runs.items():
            begin = clock()
            run()
            spent[name] = min(spent[name], (clock() - begin) * 1e3)
        rounds += 1
    return spent
