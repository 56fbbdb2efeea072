"""Endless batches from a function that makes one example, prepared in worker processes.

Example number n is always the same, whatever process makes it and whenever: a training that goes
on from batch b sees what it would have seen, and two processes of one training share the numbers.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

Example = dict[str, NDArray[np.generic]]
Make = Callable[[np.random.Generator], Example]


class _Numbered(Dataset[Example]):
    def __init__(self, make: Make, seed: int) -> None:
        self._make = make
        self._seed = seed

    def __getitem__(self, number: int) -> Example:
        rng = np.random.default_rng([self._seed, number])
        cv2.setRNGSeed(int(rng.integers(2**31)))  # OpenCV's own noise must follow too
        return self._make(rng)


class _Batches(Sampler[list[int]]):
    def __init__(self, batch: int, start: int, rank: int, world: int) -> None:
        self._batch, self._start, self._rank, self._world = batch, start, rank, world

    def __iter__(self) -> Iterator[list[int]]:
        for step in itertools.count(self._start):
            first = (step * self._world + self._rank) * self._batch
            yield list(range(first, first + self._batch))


class Stream:
    """Batches of what ``make`` returns, for ever; arrays become tensors of (N, ...).

    Workers start at the first batch, so that the position can be set before.

    Parameters
    ----------
    make : takes a random generator, returns named arrays of fixed shapes
    batch : examples a batch
    seed : of all examples
    workers : processes that prepare examples; 0 prepares them in this one
    rank, world : which of how many processes of one training this is
    pinned : hand over memory from which a GPU copies by itself

    Attributes
    ----------
    position : batches taken
    waited : seconds spent waiting for a batch: what the data costs a step
    """

    def __init__(
        self,
        make: Make,
        *,
        batch: int,
        seed: int,
        workers: int = 1,
        rank: int = 0,
        world: int = 1,
        pinned: bool = False,
    ) -> None:
        self._data = _Numbered(make, seed)
        self._batch, self._workers = batch, workers
        self._rank, self._world = rank, world
        self._pinned = pinned
        self._loaded: Iterator[dict[str, Tensor]] | None = None
        self.position = 0
        self.waited = 0.0

    @property
    def batch(self) -> int:
        """Examples a batch."""
        return self._batch

    def seek(self, position: int) -> None:
        """Go on from a batch's number."""
        self.position = position
        self._loaded = None

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        return self

    def __next__(self) -> dict[str, Tensor]:
        started = time.monotonic()
        if self._loaded is None:
            # OpenCV's thread pool does not survive a fork: a worker would wait for it for ever.
            cv2.setNumThreads(1)
            self._loaded = iter(
                DataLoader(
                    self._data,
                    batch_sampler=_Batches(self._batch, self.position, self._rank, self._world),
                    num_workers=self._workers,
                    prefetch_factor=3 if self._workers else None,
                    pin_memory=self._pinned,
                    # Of its own: the loader would draw from torch's, and a resumed run once more.
                    generator=torch.Generator(),
                )
            )
        batch = next(self._loaded)
        self.position += 1
        self.waited += time.monotonic() - started
        return batch
