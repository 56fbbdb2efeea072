"""Similarities of the plane as pairs of complex numbers: (a, b) takes the point z to a z + b."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unmask_live.types import Floats

Similarity = tuple[complex, complex]
Complexes = NDArray[np.complex128]
_AGREE = 2.0
"""Distance within which a point agrees with a fit."""


def fit(old: Complexes, new: Complexes) -> Similarity | None:
    """Fit a similarity that most points agree on, by weights that fall with the residual.

    So blinks, brows and what moves behind a face are left out.

    Parameters
    ----------
    old, new : (N,), N > 0, where the points were and are

    Returns
    -------
    None where fewer than four in ten agree to `_AGREE`, or where the size would leap.
    """
    off = new - old
    away = np.abs(off - complex(_median(off.real), _median(off.imag)))
    turn, shift = 1 + 0j, 0j
    for _ in range(3):
        weight = 1 / (1 + (away / max(0.1, 1.5 * _median(away))) ** 2) ** 2
        weight /= weight.sum()
        middle, goal = (weight * old).sum(), (weight * new).sum()
        arm = old - middle
        spread = float((weight * np.abs(arm) ** 2).sum())
        turn = complex((weight * arm.conj() * (new - goal)).sum() / max(spread, 1e-9))
        shift = complex(goal - turn * middle)
        away = np.abs(turn * old + shift - new)
    sure = float((away < _AGREE).mean()) >= 0.4 and 0.8 < abs(turn) < 1.25
    return (turn, shift) if sure else None


def after(second: Similarity, first: Similarity) -> Similarity:
    """Return the similarity that does the first, then the second."""
    return second[0] * first[0], second[0] * first[1] + second[1]


def inverse(similarity: Similarity) -> Similarity:
    """Return the similarity that undoes it; its a must not be 0."""
    return 1 / similarity[0], -similarity[1] / similarity[0]


def move(similarity: Similarity, points: Complexes) -> Complexes:
    """Move (N,) points."""
    return similarity[0] * points + similarity[1]


def matrix_of(similarity: Similarity) -> Floats:
    """Return it as (2, 3) float32, as OpenCV takes it."""
    a, b = similarity
    return np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]], np.float32)


def of_matrix(matrix: Floats) -> Similarity:
    """Read it off a (2, 3) matrix; the mirror image is none."""
    return complex(matrix[0, 0], matrix[1, 0]), complex(matrix[0, 2], matrix[1, 2])


def _median(values: NDArray[np.floating]) -> float:
    """Return the upper median; NumPy's own takes ten times as long on so few."""
    return float(np.sort(values)[len(values) // 2])
