"""Many items for a network that takes a few at once."""

from __future__ import annotations

from collections.abc import Iterator


def batches(count: int, most: int) -> Iterator[slice]:
    """Yield the parts of ``count`` items, in order, each of at most ``most``, none empty."""
    for start in range(0, count, most):
        yield slice(start, start + most)
