from __future__ import annotations

from itertools import cycle, islice

from unmask_live.app.delay import FIRST, KEPT, LONG, SteadyDelay


def test_ages_that_jump_make_one_delay() -> None:
    delay = SteadyDelay()
    told = [delay.add(age) for age in islice(cycle((96, 31, 27, 66, 55, 97, 60)), 600)]
    assert told[: FIRST - 1] == [None] * (FIRST - 1)
    assert set(told[FIRST:]) == {60}


def test_it_follows_what_lasts_and_begins_anew() -> None:
    delay = SteadyDelay()
    for _ in range(KEPT):
        delay.add(42)
    assert delay.add(42) == 40
    told = [delay.add(118) for _ in range(KEPT + LONG)]
    assert told[LONG] == 40 and told[-1] == 120
    assert sorted(set(told)) == [40, 120], "and not by steps"
    delay.clear()
    assert delay.add(10) is None
