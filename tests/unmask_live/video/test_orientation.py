from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from unmask_live.video.orientation import Orientation

R = 1 << 16
IMAGE = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)


def matrix(a: int, b: int, c: int, d: int) -> bytes:
    return np.array([a, b, 0, c, d, 0, 7, 9, 1 << 30], np.int32).tobytes()


STRAIGHT = [matrix(a, 0, 0, d) for a, d in product((R, -R), repeat=2)]
CROSSED = [matrix(0, b, c, 0) for b, c in product((R, -R), repeat=2)]


@pytest.mark.parametrize("data", STRAIGHT + CROSSED)
def test_there_and_back(data: bytes) -> None:
    orientation = Orientation.from_matrix(data)
    shown = orientation.upright(IMAGE)
    assert shown.flags.c_contiguous
    np.testing.assert_array_equal(orientation.stored(shown), IMAGE)


def test_all_eight_differ() -> None:
    shown = {Orientation.from_matrix(data).upright(IMAGE).tobytes() for data in STRAIGHT + CROSSED}
    assert len(shown) == 8


@pytest.mark.parametrize(
    ("data", "turned"),
    [
        (matrix(R, 0, 0, R), IMAGE),
        (matrix(0, R, -R, 0), np.rot90(IMAGE, -1)),  # a phone held upright: turn clockwise
        (matrix(0, -R, R, 0), np.rot90(IMAGE, 1)),
        (matrix(-R, 0, 0, -R), IMAGE[::-1, ::-1]),
        (matrix(-R, 0, 0, R), IMAGE[:, ::-1]),
    ],
)
def test_known_turns(data: bytes, turned: np.ndarray) -> None:
    np.testing.assert_array_equal(Orientation.from_matrix(data).upright(IMAGE), turned)


def test_the_matrix_is_kept_as_it_was() -> None:
    assert Orientation.from_matrix(matrix(0, R, -R, 0)).matrix == (0, R, 0, -R, 0, 0, 7, 9, 1 << 30)


def test_none_and_short() -> None:
    assert Orientation.from_matrix(b"") == Orientation()
    assert Orientation.from_matrix(b"1234") == Orientation()
