"""Learning rate over the share of the training that has passed."""

from __future__ import annotations

import math


def cosine(progress: float, *, warm: float = 0.01, last: float = 0.02) -> float:
    """Return a factor: a short linear rise, then half a cosine from 1 down to ``last``."""
    if progress < warm:
        return max(progress / warm, 0.02)
    return last + (1 - last) * (0.5 + 0.5 * math.cos(math.pi * progress))
