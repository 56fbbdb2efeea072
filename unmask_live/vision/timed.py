"""Wall time of the stages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def timed(spent: dict[str, float], stage: str) -> Iterator[None]:
    """Add the milliseconds that pass inside to those of a stage."""
    start = time.perf_counter()
    try:
        yield
    finally:
        spent[stage] += (time.perf_counter() - start) * 1e3
