"""Learning rate over the share of the training that has passed."""

from __future__ import annotations

import math


def cosine(progress: float, *, warm: float = 0.01, last: float = 0.02) -> float:
    """Return a factor: a short linear rise, then half a cosine from 1 down to ``last``."""
    if progress < warm:
        return max(progress / warm, 0.02)
    return last + (1 - last) * (0.5 + 0.5 * math.cos(math.pi * progress))


def level_then_linear(progress: float, *, level: float = 1 / 6) -> float:
    """Return a factor: 1 for a share of the training, then a straight line down to 0."""
    return 1.0 if progress < level else (1 - progress) / (1 - level)


def stepped(progress: float, at: tuple[float, ...], *, by: float = 0.1) -> float:
    """Return a factor: 1, and ``by`` times as much from each share in ``at`` on."""
    return float(by ** sum(progress >= share for share in at))
