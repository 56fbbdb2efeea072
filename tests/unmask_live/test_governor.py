from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unmask_live.governor import DOWN, EVERY, UP, WAIT, WINDOW, Cost, Governor, Step
from unmask_live.quality import LEVELS as ALL
from unmask_live.quality import SMALL_INPAINTER, Level, Quality, levels, levels_of

GAP = 1 / 30
SMALLER = Level("smaller", Quality(4, SMALL_INPAINTER))
LEVELS = (*ALL[:2], SMALLER)
"""All fill every frame; those that do not have tests of their own."""
RARER = ALL[2]


class Machine:
    """What frames cost on a machine, by level; one that never hurries, nor tires."""

    def __init__(self, find: float, rest: float, full: float, small: float, fills: int = 1) -> None:
        self.find, self.rest, self.full, self.small, self.fills = find, rest, full, small, fills

    def cost(self, quality: Quality, index: int) -> Cost:
        find = self.find if index % quality.find_every == 0 else 0.0
        if index % quality.fill_every:
            return Cost(find + 1, 3, find, 0.0, self.fills)
        inpaint = self.fills * (self.small if quality.inpainter == SMALL_INPAINTER else self.full)
        return Cost(find + self.rest, inpaint + 3, find, inpaint, self.fills)


def run(
    governor: Governor,
    machine: Callable[[float], Machine],
    seconds: float,
    gap: float | None = GAP,
    start: float = 0.0,
) -> list[tuple[float, Step]]:
    """Let frames come for so long; return when which step was taken."""
    steps = []
    now, end, index = start, start + seconds, 0
    while now < end:
        cost = machine(now).cost(governor.level.quality, index)
        step = governor.observe(now, gap, cost)
        if step is not None:
            assert step.level is governor.level
            steps.append((now, step))
        now += max(gap or GAP, cost.see / 1e3, cost.fill / 1e3)
        index += 1
    return steps


QUICK = Machine(3, 7, 12, 6)
SLOW = Machine(6, 14, 44, 19)
"""47 ms in full, over 33; 22 with the smaller inpainter."""
HOPELESS = Machine(30, 70, 120, 60)


def test_a_quick_machine_stays_at_full() -> None:
    governor = Governor(LEVELS)
    assert run(governor, lambda _: QUICK, 60) == []
    assert governor.level is LEVELS[0]


def test_a_slow_machine_steps_down_one_by_one_until_it_fits_and_stays() -> None:
    governor = Governor(LEVELS)
    steps = run(governor, lambda _: SLOW, 600)
    assert [step.level for _, step in steps] == list(LEVELS[1:])
    assert all(step.down for _, step in steps)
    assert steps[0][0] >= WINDOW
    assert all(b[0] - a[0] >= WINDOW for a, b in pairwise(steps))


def test_what_is_too_slow_for_every_frame_fills_every_second_and_goes_back_when_it_can() -> None:
    """47 ms, over 33; 25 on average where every second frame is filled."""
    governor = Governor(ALL)
    steps = run(governor, lambda _: SLOW, 300)
    assert [step.level for _, step in steps] == [ALL[1], RARER]
    steps = run(governor, lambda _: Machine(3, 7, 30, 20), 60, start=300)
    assert [step.level for _, step in steps] == [], "every frame would be 33 again"
    steps = run(governor, lambda _: QUICK, 60, start=400)
    assert [step.level for _, step in steps] == [ALL[1], ALL[0]]


def test_the_smaller_inpainter_comes_last_and_leaves_first() -> None:
    slower = Machine(6, 14, 90, 30)
    governor = Governor(ALL)
    steps = run(governor, lambda _: slower, 300)
    assert [step.level for _, step in steps] == list(ALL[1:])
    assert governor._ratio == pytest.approx(3)
    steps = run(governor, lambda _: Machine(6, 14, 44, 15), 60, start=300)
    assert [step.level for _, step in steps] == [RARER], "(45 + 3 + 3) / 2"


def test_a_hitch_is_no_slowness_where_every_second_frame_is_filled_either() -> None:
    governor = Governor(ALL)
    run(governor, lambda _: SLOW, 300)
    hitch = Machine(6, 300, 44, 19)
    assert run(governor, lambda now: hitch if now % 1 < GAP else SLOW, 60, start=300) == []


def test_a_hopeless_machine_stops_at_the_last_level() -> None:
    governor = Governor(LEVELS[:2])
    run(governor, lambda _: HOPELESS, 60)
    assert governor.level is LEVELS[1]


def test_a_burden_that_goes_is_followed_by_steps_up_after_the_wait() -> None:
    governor = Governor(LEVELS)
    burden = 30.0
    steps = run(governor, lambda now: SLOW if now < burden else QUICK, 90)
    ups = [(now, step.level) for now, step in steps if not step.down]
    assert [level for _, level in ups] == [LEVELS[1], LEVELS[0]]
    assert ups[0][0] >= burden + WAIT
    assert all(b[0] - a[0] >= WAIT for a, b in pairwise(ups))


def test_what_the_larger_inpainter_took_is_remembered() -> None:
    """By a guess of twice the smaller one's time it would fit; it was seen to take four times."""
    governor = Governor(LEVELS)
    steps = run(governor, lambda _: Machine(2, 8, 42, 9), 300)
    assert [step.down for _, step in steps] == [True] * 2


class Liar(Machine):
    """Costs far more at the better levels than can be foreseen from the last."""

    def cost(self, quality: Quality, index: int) -> Cost:
        return (SLOW if quality.find_every < 4 else QUICK).cost(quality, index)


def test_each_step_up_that_is_taken_back_doubles_the_wait() -> None:
    governor = Governor(LEVELS[:2])
    steps = run(governor, lambda _: Liar(0, 0, 0, 0), 200)
    ups = [now for now, step in steps if not step.down]
    downs = [now for now, step in steps if step.down]
    waits = [up - down for down, up in zip(downs, ups, strict=False)]
    assert len(waits) >= 4
    for index, wait in enumerate(waits):
        assert wait == pytest.approx(WAIT * 2**index, abs=1.5)


def test_a_step_up_that_holds_makes_the_wait_short_again() -> None:
    governor = Governor(LEVELS[:2])
    run(governor, lambda _: Liar(0, 0, 0, 0), 30)
    run(governor, lambda _: QUICK, 120, start=30)
    steps = run(governor, lambda now: SLOW if now < 155 else QUICK, 30, start=150)
    assert [step.down for _, step in steps] == [True, False]
    assert steps[1][0] - 155 < WAIT + 2


@settings(max_examples=40)
@given(
    st.floats(0.5, 15),
    st.floats(1, 40),
    st.floats(1, 60),
    st.floats(0.2, 1.0),
    st.integers(1, 4),
    st.sampled_from([1 / 60, 1 / 30, 1 / 15, 1 / 5]),
)
def test_it_never_oscillates(
    find: float, rest: float, full: float, share: float, fills: int, gap: float
) -> None:
    """Whatever a level costs, as long as it always costs that, the steps come to an end."""
    governor = Governor(ALL)
    machine = Machine(find, rest, full, share * full, fills)
    early = run(governor, lambda _: machine, 30, gap)
    late = run(governor, lambda _: machine, 300, gap, start=1000)
    assert len(early) <= len(ALL) + 4
    assert len(late) <= 4


@given(st.floats(0.01, 0.2), st.floats(1.05, 5))
def test_it_judges_by_the_sources_own_rate(gap: float, factor: float) -> None:
    over, under = gap * 1e3 * DOWN * factor, gap * 1e3 * UP / factor
    governor = Governor(LEVELS)
    for index in range(300):
        governor.observe(index * gap, gap, Cost(under, under, fills=1))
    assert governor.level is LEVELS[0]
    for index in range(300, 300 + round(2 / gap) + 10):
        governor.observe(index * gap, gap, Cost(over, 0.0, fills=1))
    assert governor.level is not LEVELS[0]


def test_single_slow_frames_change_nothing() -> None:
    governor = Governor(LEVELS)
    hitch = Machine(3, 300, 12, 6)
    assert run(governor, lambda now: hitch if now % 1 < GAP else QUICK, 60) == []


def test_without_a_rate_or_with_too_few_frames_nothing_is_judged() -> None:
    assert run(Governor(LEVELS), lambda _: HOPELESS, 30, gap=None) == []
    rare = Governor(LEVELS)
    assert [rare.observe(float(now), 1.0, Cost(5000.0, 1.0)) for now in range(20)] == [None] * 20


def test_without_a_face_nothing_is_learnt_and_nothing_steps_up() -> None:
    governor = Governor(LEVELS)
    run(governor, lambda _: SLOW, 30)
    assert governor.level is LEVELS[-1]
    nobody = Machine(3, 1, 0, 0, fills=0)
    assert run(governor, lambda _: nobody, 120, start=30) == []


def test_a_gap_in_the_source_is_no_slowness() -> None:
    governor = Governor(LEVELS)
    run(governor, lambda _: QUICK, 10)
    governor.observe(20.0, 10.0, QUICK.cost(Quality(), 0))
    assert run(governor, lambda _: QUICK, 10, start=20.1) == []


def test_fixed_modes_go_to_the_ends_and_auto_goes_on_from_there() -> None:
    governor = Governor(LEVELS, "fast")
    step = governor.observe(0.0, GAP, QUICK.cost(Quality(), 0))
    assert step == Step(LEVELS[-1], True)
    assert run(governor, lambda _: QUICK, 30) == []
    governor.mode = "auto"
    run(governor, lambda _: QUICK, 60, start=30)
    assert governor.level is LEVELS[0]
    governor.mode = "best"
    assert run(governor, lambda _: HOPELESS, 30, start=90) == []


def test_what_cannot_be_had_is_left_out_for_good_but_not_what_is_in_use() -> None:
    governor = Governor(LEVELS)
    governor.leave_out(SMALL_INPAINTER)
    run(governor, lambda _: HOPELESS, 60)
    assert governor.level is LEVELS[-2]
    governor.mode = "fast"
    assert run(governor, lambda _: HOPELESS, 60, start=60) == []
    governor.leave_out("inpainter")
    assert governor.level is LEVELS[-2]
    governor.leave_out("unheard of")
    assert governor.level is LEVELS[-2]


@pytest.mark.parametrize("mode", ["auto", "fast"])
def test_a_step_waits_until_the_level_is_ready(mode: str) -> None:
    ready = {LEVELS[0], LEVELS[1]}
    asked = []

    def is_ready(level: Level) -> bool:
        asked.append(level)
        return level in ready

    governor = Governor(LEVELS, mode, ready=is_ready)
    run(governor, lambda _: HOPELESS, 20)
    before = LEVELS[1] if mode == "auto" else LEVELS[0]
    assert governor.level is before
    assert asked.count(LEVELS[-1]) > 10, "it is asked again and again"
    ready.add(LEVELS[-1])
    ((when, step),) = run(governor, lambda _: HOPELESS, 20, start=20)
    assert step.level is LEVELS[-1] and step.down
    assert when - 20 <= 2 * EVERY, "and goes as soon as it may"


def test_a_step_up_that_waits_for_its_level_is_not_taken_for_one_that_came() -> None:
    ready = set(LEVELS)
    governor = Governor(LEVELS, ready=lambda level: level in ready)
    run(governor, lambda _: SLOW, 10)
    assert governor.level is LEVELS[-1]
    ready = {LEVELS[-1]}
    assert run(governor, lambda _: QUICK, 30, start=10) == []
    ready = set(LEVELS)
    steps = run(governor, lambda _: QUICK, 1, start=40)
    assert [step.level for _, step in steps] == [LEVELS[-2]], "it has waited long enough"


def test_the_inpainters_are_compared_from_when_the_step_came() -> None:
    """Judged while it was waited for, the smaller one would seem to gain nothing."""
    ready = {LEVELS[0], LEVELS[1]}
    governor = Governor(LEVELS, ready=lambda level: level in ready)
    run(governor, lambda _: SLOW, 20)
    ready.add(LEVELS[-1])
    run(governor, lambda _: SLOW, 20, start=20)
    assert governor.level is LEVELS[-1]
    assert governor._ratio == pytest.approx(SLOW.full / SLOW.small)


def test_levels_are_those_whose_inpainter_is_shipped() -> None:
    assert levels({"finder", "inpainter"}) == ALL[:3]
    assert levels({"inpainter", SMALL_INPAINTER}) == ALL
    with pytest.raises(ValueError, match="at least one"):
        Governor(levels(set()))
    with pytest.raises(ValueError, match="find_every"):
        Quality(0)
    with pytest.raises(ValueError, match="fill_every"):
        Quality(fill_every=0)


def test_another_inpainter_has_levels_of_its_own_and_the_smaller_one_last() -> None:
    there = {"inpainter", SMALL_INPAINTER, "other"}
    assert levels(there, "inpainter") == ALL
    assert [level.quality for level in levels(there, "other")] == [
        Quality(2, "other"),
        Quality(4, "other"),
        Quality(4, "other", 2),
        Quality(4, SMALL_INPAINTER, 2),
    ]
    assert levels(there, "other:difference")[0].quality.inpainter == "other:difference"
    assert [level.quality for level in levels(there, SMALL_INPAINTER)] == [
        Quality(2, SMALL_INPAINTER),
        Quality(4, SMALL_INPAINTER),
        Quality(4, SMALL_INPAINTER, 2),
    ]
    assert levels({"other"}, "other") == levels_of("other")[:3]
    assert len({level.name for level in levels_of("other")}) == 4


@pytest.mark.parametrize(
    ("before", "chosen", "wanted"),
    [(0, "other", 0), (1, "other", 1), (2, "other", 1), (2, SMALL_INPAINTER, 1)],
)
def test_a_chosen_inpainter_is_seen_first_however_slow_the_machine(
    before: int, chosen: str, wanted: int
) -> None:
    ready = set(LEVELS[:1])
    governor = Governor(LEVELS, ready=lambda level: level in ready)
    if before:
        ready.update(LEVELS[: before + 1])
        run(governor, lambda _: HOPELESS, 30)
    assert LEVELS.index(governor.level) == before
    other = levels_of(chosen)
    ready.update(other)
    assert governor.go_by(other) is other[wanted] is governor.level
    assert run(governor, lambda _: HOPELESS, WINDOW / 2, start=100.0) == [], "judged by its own"
    run(governor, lambda _: HOPELESS, 10, start=101.0)
    assert governor.level is other[-1], "and steps down as before"
