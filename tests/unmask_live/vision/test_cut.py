from __future__ import annotations

import numpy as np
import pytest

from unmask_live.vision.cut import Cuts


def grey(value: int, size: tuple[int, int] = (72, 128)) -> np.ndarray:
    return np.full((*size, 3), value, np.uint8)


@pytest.mark.parametrize(
    ("pictures", "cuts"),
    [
        ([], []),
        ([grey(0)], [False]),
        ([grey(60), grey(80), grey(100)], [False] * 3),
        ([grey(60), grey(200), grey(200)], [False, True, False]),
        ([grey(60), grey(60, (40, 40))], [False, True]),
        ([grey(60, (1, 1)), grey(60, (1, 1)), grey(200, (1, 1))], [False, False, True]),
    ],
    ids=["none", "first", "light", "scene", "size", "one pixel"],
)
def test_a_cut_is_a_change_of_nearly_all(pictures, cuts):
    told = Cuts()
    assert [told(picture) for picture in pictures] == cuts


def test_what_moves_in_a_scene_is_no_cut():
    told = Cuts()
    still, moved = grey(90), grey(90)
    moved[:, :30] = 255
    assert [told(still), told(moved), told(still)] == [False] * 3


def test_after_forgetting_the_next_frame_is_the_first():
    told = Cuts()
    told(grey(0))
    told.forget()
    assert told(grey(255)) is False
