"""Endless batches from a function that makes one example, prepared in worker processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

Example = dict[str, NDArray[np.generic]]


class _Endless(IterableDataset[Example]):
    def __init__(self, make: Callable[[np.random.Generator], Example], seed: int) -> None:
        self.make = make
        self.seed = seed

    def __iter__(self) -> Iterator[Example]:
        worker = get_worker_info()
        # Seeded from the system too: a resumed run must not see the same examples again.
        rng = np.random.default_rng([self.seed, worker.id if worker else 0, torch.initial_seed()])
        while True:
            yield self.make(rng)


def batches(
    make: Callable[[np.random.Generator], Example], *, batch: int, seed: int, workers: int = 1
) -> Iterator[dict[str, Tensor]]:
    """Yield batches of what ``make`` returns, for ever; arrays become tensors of (N, ...).

    Parameters
    ----------
    make : takes a random generator, returns named arrays of fixed shapes
    workers : processes that prepare examples; 0 prepares them in this one
    """
    # OpenCV's thread pool does not survive a fork: a worker would wait for it for ever.
    cv2.setNumThreads(1)
    loader = DataLoader(
        _Endless(make, seed),
        batch_size=batch,
        num_workers=workers,
        prefetch_factor=3 if workers else None,
    )
    return iter(loader)
