"""A figure that is read off the picture now and then, and followed slowly by the clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

from unmask_live.types import Floats

EVERY = 0.06
"""Seconds from one reading to the next: what is followed this slowly needs no look each frame."""

T = TypeVar("T", float, Floats)


class Settled(Generic[T]):
    """Follows a reading as an exponential average.

    Parameters
    ----------
    seconds : time constant
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waited = 0.0
        self._value: T | None = None

    def __call__(self, read: Callable[[], T], step: float) -> T:
        """Return the value now.

        Parameters
        ----------
        read : called where a reading is due, at first at once
        step : seconds since the last call
        """
        self._waited += step
        before = self._value
        if before is None:
            self._value = read()
        elif self._waited >= EVERY:
            share = float(1 - np.exp(-self._waited / self._seconds))
            self._value = before + (read() - before) * share
        else:
            return before
        self._waited = 0.0
        return self._value
