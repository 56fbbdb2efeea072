from __future__ import annotations

import numpy as np
import pytest

from unmask_live.vision.plane import after, fit, inverse, matrix_of, move, of_matrix

TURN = (1.1 * np.exp(0.2j), 5 - 3j)
POINTS = np.array([0, 40, 40j, 30 + 20j, 10 + 35j, 22 + 7j, 5 + 9j, 33 + 31j], np.complex128)


def test_there_and_back():
    one, zero = after(inverse(TURN), TURN)
    assert abs(one - 1) < 1e-12 and abs(zero) < 1e-12


def test_a_matrix_says_the_same():
    matrix = matrix_of(TURN)
    moved = move(TURN, POINTS)
    flat = np.stack([POINTS.real, POINTS.imag], 1) @ matrix[:, :2].T + matrix[:, 2]
    assert np.allclose(flat, np.stack([moved.real, moved.imag], 1), atol=1e-4)
    assert np.allclose(of_matrix(matrix), TURN, atol=1e-6)


def test_a_fit_finds_what_most_points_did():
    new = move(TURN, POINTS)
    new[:2] += (20j, -14)  # two of eight went elsewhere
    assert np.allclose(fit(POINTS, new), TURN, atol=0.02)


@pytest.mark.parametrize("zoom", [0.5, 2.0])
def test_a_leap_in_size_is_no_fit(zoom):
    assert fit(POINTS, zoom * POINTS) is None


def test_points_that_go_apart_are_no_fit():
    rng = np.random.default_rng(0)
    old = rng.uniform(0, 100, (2, 30)) * [[1], [1j]]
    new = rng.uniform(0, 100, (2, 30)) * [[1], [1j]]
    assert fit(old.sum(0), new.sum(0)) is None
