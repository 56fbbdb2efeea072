from __future__ import annotations

import numpy as np
import pytest
from clips import picture

from unmask_live.video.fit import even, fit


def test_the_right_size_is_left_alone() -> None:
    image = picture(0)
    assert fit(image, (96, 64)) is image
    assert even(image) is image


@pytest.mark.parametrize(
    ("size", "inner"),
    [
        ((192, 200), (slice(36, 164), slice(0, 192))),
        ((48, 16), (slice(0, 16), slice(12, 36))),
        ((97, 64), (slice(0, 64), slice(0, 96))),
    ],
)
def test_keeps_its_shape_between_black_bars(
    size: tuple[int, int], inner: tuple[slice, slice]
) -> None:
    fitted = fit(np.full((64, 96, 3), 200, np.uint8), size)
    assert fitted.shape == (size[1], size[0], 3)
    assert (fitted[inner] == 200).all()
    rest = fitted.copy()
    rest[inner] = 0
    assert not rest.any()


@pytest.mark.parametrize("size", [(1, 1), (1, 100), (100, 1)])
def test_thin_and_empty_pictures(size: tuple[int, int]) -> None:
    assert fit(picture(0), size).any()
    assert not fit(np.zeros((0, 5, 3), np.uint8), size).any()
    assert fit(np.zeros((0, 5, 3), np.uint8), size).shape == (size[1], size[0], 3)


def test_odd_sides_grow_by_their_last_row_and_column() -> None:
    image = picture(0, 97, 65)
    grown = even(image)
    assert grown.shape == (66, 98, 3)
    np.testing.assert_array_equal(grown[:65, :97], image)
    np.testing.assert_array_equal(grown[65, :97], image[64])
    np.testing.assert_array_equal(grown[:65, 97], image[:, 96])
