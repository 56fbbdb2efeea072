from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unmask_live.state import ALLOWED, IllegalTransitionError, Lifecycle, State


@given(st.lists(st.sampled_from(State), max_size=12))
def test_only_what_the_table_allows_happens_and_is_told(wanted: list[State]) -> None:
    told: list[State] = []
    life = Lifecycle(told.append)
    reached = [State.IDLE]
    for state in wanted:
        if state in ALLOWED[reached[-1]]:
            life.to(state)
            reached.append(state)
        else:
            with pytest.raises(IllegalTransitionError, match=state.value):
                life.to(state)
        assert life.state is reached[-1]
    assert told == reached[1:]


def test_every_state_leads_to_an_end_and_the_ends_lead_nowhere() -> None:
    def reach(state: State) -> set[State]:
        return {state}.union(*(reach(after) for after in ALLOWED[state]))

    ends = {state for state in State if state.over}
    assert ends == {State.STOPPED, State.FAILED}
    assert all(reach(state) & ends for state in State)
    assert State.RUNNING not in ALLOWED[State.IDLE]  # nothing runs before it has started


def test_a_condition_is_judged_and_obeyed_in_one_step() -> None:
    life = Lifecycle()
    assert not life.to_if(State.RUNNING, State.STARTING)
    assert life.state is State.IDLE
    assert life.to_if(State.STARTING, State.IDLE)
    with pytest.raises(IllegalTransitionError):
        life.to_if(State.IDLE, State.STARTING)


def test_a_listener_may_take_the_next_step() -> None:
    told: list[State] = []

    def listen(state: State) -> None:
        told.append(state)
        if state is State.STARTING:
            life.to(State.STOPPING)

    life = Lifecycle(listen)
    life.to(State.STARTING)
    assert told == [State.STARTING, State.STOPPING]
