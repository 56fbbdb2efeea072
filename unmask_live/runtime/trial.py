"""What runs fastest here: tried at the first starts, then remembered in the user's cache."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from unmask_live.runtime import cache
from unmask_live.runtime.cores import cores

SECONDS = 0.3
"""How long one network is tried, over all there is to choose from."""
CLEAR = 0.8
"""The fastest needs less than this share of the next one's time: then once is enough."""
STARTS = 3
"""How many starts try again what was close, as the machine may have been busy."""
BUSY = 0.25
"""What a start counts while other programs keep the cores busy: what more threads gain cannot be
seen then, and a choice made of it alone would stay for good."""
Run = Callable[[], None]
Start = Callable[[str], Run]
Prefer = Callable[[Mapping[str, float]], str]


def settle(
    what: str,
    key: Mapping[str, Any],
    names: Sequence[str],
    start: Start,
    prefer: Prefer,
    *,
    check: Callable[[str], str] = lambda _: "",
    clock: Callable[[], float] = time.perf_counter,
) -> str:
    """Return which of several ways to run a network; the first of them is the safe one.

    Each is as fast as it ever was: times of several starts are kept together.

    Parameters
    ----------
    what : names the record in the cache: a folder, a name in it
    key : whatever the times hold for
    names : what there is to choose from
    start : opens one and returns what runs it once
    prefer : chooses by the least milliseconds of each
    check : returns why one must not be chosen, empty if it may; the first is never asked of
    """
    whole = {**key, "names": list(names)}
    record, known = _record(what, whole)
    choice, starts = known.get("choice"), _number(known.get("starts"))
    spent, refused = _times(known, names), _texts(known.get("refused"))
    if choice in names and spent and starts >= STARTS:
        return str(choice)
    for name, milliseconds in measure({name: start(name) for name in names}, clock).items():
        spent[name] = min(spent.get(name, milliseconds), milliseconds)
    while True:
        left = {name: value for name, value in spent.items() if name not in refused}
        choice = prefer(left)
        reason = "" if choice == names[0] else check(choice)
        if not reason:
            break
        refused[choice] = reason
    if busy():
        starts += BUSY
    else:
        starts = float(STARTS) if is_clear(spent) else starts + 1
    if record is not None:
        found = {"milliseconds": spent, "starts": starts, "refused": refused, "choice": choice}
        cache.write_json(record, {**whole, **found})
    return choice


def busy() -> bool:
    """Tell whether others have kept all of this process's cores busy for the last minute."""
    try:
        return os.getloadavg()[0] >= cores()
    except (AttributeError, OSError):  # not on Windows
        return False


def is_clear(spent: Mapping[str, float]) -> bool:
    """Tell whether the fastest is so by more than a busy machine could bring about."""
    times = sorted(spent.values())
    return len(times) < 2 or times[0] < CLEAR * times[1]


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


def _record(what: str, key: Mapping[str, Any]) -> tuple[Path | None, dict[str, Any]]:
    part, _, name = what.rpartition("/")
    folder = cache.cache_dir(part)
    if folder is None:
        return None, {}
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:16]
    record = folder / f"{name}-{digest}.json"
    return record, cache.read_json(record)


def _times(known: Mapping[str, Any], names: Sequence[str]) -> dict[str, float]:
    """Return the kept milliseconds; none unless there are some for every name."""
    found = known.get("milliseconds")
    if not isinstance(found, dict) or set(found) != set(names):
        return {}
    try:
        return {name: float(value) for name, value in found.items()}
    except (TypeError, ValueError):
        return {}


def _number(found: object) -> float:
    return float(found) if isinstance(found, int | float) else 0.0


def _texts(found: object) -> dict[str, str]:
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}
