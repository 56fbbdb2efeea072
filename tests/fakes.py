"""Stands in for the Unmasker where only files, names and threads are tested."""

from __future__ import annotations

import time

import numpy as np

from unmask_live import Unmasked


class Negative:
    """Turns every picture into its negative, so that a frame that was left out shows."""

    delay = 0.0

    def __init__(
        self,
        *,
        backend: str = "auto",
        finder: str = "ours",
        inpainter: str = "inpainter",
        overlapped: bool = False,
        say: object = None,
        report: object = None,
    ) -> None:
        self.times: list[float | None] = []

    backends = {"negative": "numpy"}  # noqa: RUF012

    def __call__(self, image: np.ndarray, timestamp: float | None = None) -> Unmasked:
        self.times.append(timestamp)
        time.sleep(self.delay)
        return Unmasked(255 - image, ())

    def see(self, image: np.ndarray, timestamp: float | None = None) -> tuple:
        return image, timestamp

    def fill(self, seen: tuple) -> Unmasked:
        return self(*seen)

    def reset(self) -> None:
        self.times.clear()

    def close(self) -> None: ...

    def __enter__(self) -> Negative:
        return self

    def __exit__(self, *error: object) -> None: ...


class SlowNegative(Negative):
    """Slow enough to be interrupted."""

    delay = 0.1
