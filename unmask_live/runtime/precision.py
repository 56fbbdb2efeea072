"""Which precision of a network is worth running on this processor."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from unmask_live.runtime.manifest import EngineEntry
from unmask_live.runtime.trial import Start, settle

KNOWN = ("fp32", "bf16", "int8")
"""What there may be, the reference first and what loses most last."""
WORTH = 0.95
"""One must need less than this share of the time of those before it to be taken."""


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
    """Return the quickest precision; one that loses more only where that is more than chance."""
    best = "fp32"
    for name in KNOWN[1:]:
        if name in spent and spent[name] < WORTH * spent[best]:
            best = name
    return best


def choose(
    entry: EngineEntry,
    names: tuple[str, ...],
    machine: Mapping[str, Any],
    start: Start,
    *,
    check: Callable[[str], str] = lambda _: "",
    clock: Callable[[], float] = time.perf_counter,
) -> str:
    """Return the precision to run, measured at the first starts and kept in the user's cache.

    Parameters
    ----------
    names : what may run, from `candidates`
    machine : processor, backend's version, threads: whatever the measurement holds for
    start : opens a precision and returns what runs it once
    check : returns what a precision computes wrongly, empty if nothing
    """
    if len(names) == 1:
        return names[0]
    files = {"fp32": entry.sha256} | {p: other.sha256 for p, other in entry.variants.items()}
    key = {"machine": dict(machine), "files": files}
    return settle(f"precision/{entry.name}", key, names, start, fastest, check=check, clock=clock)
