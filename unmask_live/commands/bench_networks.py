"""Each network alone, on every backend that loads here: time, cost, and what of the peak it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from unmask_live.commands import bench_backends
from unmask_live.commands.backend_asked import reason_of
from unmask_live.commands.cost import FLOP_PER_MAC, gmac
from unmask_live.commands.measure import Figures, time_calls
from unmask_live.commands.peak import SIDE, measure_peak, yardstick
from unmask_live.errors import UserError
from unmask_live.runtime import Engine, load_manifest, open_engine

THREADS = (1, 2)


def bench_networks(
    seconds: float,
    runs: int | None,
    *,
    threads: Sequence[int] = THREADS,
    side: int = SIDE,
    tell: Callable[[str], None] = lambda _: None,
) -> Figures:
    """Time every shipped network on every backend, precision and number of threads.

    Parameters
    ----------
    seconds : how long each measurement takes, about
    runs : that many calls each instead
    threads : CPU threads to try, as far as there are cores
    side : of the matrix product that is the yardstick
    tell : is told what is measured next

    Returns
    -------
    ``networks``, a row each; ``peaks``, the yardsticks in GFLOP/s; ``absent``, what did not load
    """
    entries = load_manifest()
    costs = {name: gmac(entry.path) for name, entry in entries.items()}
    rows: list[Figures] = []
    peaks: dict[tuple[str, int | None], float | None] = {}
    reasons: dict[str, dict[str, str]] = {}
    for backend in bench_backends.all_backends():
        stick, failed = yardstick(backend), reasons.setdefault(backend, {})
        for count in bench_backends.thread_counts(backend, threads):
            for name in bench_backends.served(entries, backend):
                try:
                    engine = open_engine(name, backend=backend, threads=count, build=False)
                except UserError as error:
                    failed[name] = reason_of(error, backend)
                    continue
                with engine:
                    tell(f"{name}: {engine.backend}")
                    if (stick, count) not in peaks:
                        peaks[stick, count] = measure_peak(
                            stick, threads=count, seconds=seconds, runs=runs, side=side
                        )
                    figures = time_network(engine, costs[name], peaks[stick, count], seconds, runs)
                rows.append({"network": name, "backend": backend, "threads": count, **figures})
    return {
        "networks": rows,
        "peaks": [
            {"backend": stick, "threads": count, "side": side, "gflops": value}
            for (stick, count), value in peaks.items()
        ],
        "absent": bench_backends.absent(reasons, [row["backend"] for row in rows]),
    }


def time_network(
    engine: Engine, cost: float, peak: float | None, seconds: float, runs: int | None
) -> Figures:
    """Time one network on noise.

    Parameters
    ----------
    cost : GMAC of a call
    peak : GFLOP/s of the yardstick, None if there is none
    seconds, runs : as for `bench_networks`

    Returns
    -------
    ``runs_on``, ``runs``, ``median_ms``, ``p95_ms``, ``gmac``, ``gflops`` a second at the median,
    and ``share`` of the peak, 0..1 (an int8 network's may pass 1)
    """
    rng = np.random.default_rng(0)
    inputs = {key: rng.random(shape, np.float32) for key, shape in engine.inputs.items()}
    figures = time_calls(lambda: engine(**inputs), seconds, runs)
    speed = FLOP_PER_MAC * cost / (figures["median_ms"] / 1e3)
    share = speed / peak if peak else None
    return {"runs_on": engine.backend, **figures, "gmac": cost, "gflops": speed, "share": share}
