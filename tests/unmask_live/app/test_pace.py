from __future__ import annotations

import pytest

from unmask_live.app.pace import LOOK_BACK, Pace, in_words


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_time_left_goes_by_the_speed_of_late() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.left(100) is None
    for _ in range(20):
        clock.now += 1.0
        pace.count()
    assert pace.rate == pytest.approx(1.0)
    assert pace.left(50) == pytest.approx(30.0)
    assert pace.left(None) is None
    for _ in range(int(4 * LOOK_BACK) + 2):
        clock.now += 0.25
        pace.count()
    assert pace.rate == pytest.approx(4.0)
    assert pace.left(10) == 0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "under 5 s"),
        (4.9, "under 5 s"),
        (42, "40 s"),
        (60, "1 min"),
        (199, "3 min 20 s"),
        (700, "11 min"),
        (3900, "1 h 05 min"),
    ],
)
def test_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
