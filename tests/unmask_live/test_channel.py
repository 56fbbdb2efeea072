from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unmask_live.channel import Channel, Ended, Newest, Nothing, Ordered, Stopped

KINDS: list[Callable[[], Channel[int]]] = [Newest, lambda: Ordered(1), lambda: Ordered(3)]


def beside(action: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Run in another thread; the list gets the result, or the error."""
    outcome: list[object] = []

    def run() -> None:
        try:
            outcome.append(action())
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, outcome


@given(st.lists(st.booleans(), max_size=60))
def test_newest_gives_the_last_one_put_and_counts_the_others(steps: list[bool]) -> None:
    told: list[None] = []
    channel: Newest[int] = Newest(lambda: told.append(None))
    waiting: int | None = None
    puts = taken = 0
    for put in steps:
        if put:
            channel.put(puts)
            waiting, puts = puts, puts + 1
        elif waiting is not None:
            assert channel.get() == waiting
            waiting, taken = None, taken + 1
        else:
            with pytest.raises(Nothing):
                channel.get(timeout=0)
    assert channel.dropped == len(told) == puts - taken - (waiting is not None)


@given(st.integers(1, 5), st.integers(0, 40))
def test_ordered_gives_all_in_order_and_holds_the_giver_back(depth: int, count: int) -> None:
    channel: Ordered[int] = Ordered(depth)
    given_: list[int] = []

    def give() -> None:
        for item in range(count):
            channel.put(item)
            given_.append(item)
        channel.end()

    thread, outcome = beside(give)
    taken = []
    for item in channel:
        assert len(given_) <= item + depth + 1
        taken.append(item)
    thread.join(5)
    assert outcome == [None]
    assert taken == list(range(count))
    assert channel.dropped == 0


@pytest.mark.parametrize("kind", KINDS)
def test_what_waits_is_taken_before_the_end(kind: Callable[[], Channel[int]]) -> None:
    channel = kind()
    channel.put(1)
    channel.end()
    assert list(channel) == [1]
    for _ in range(2):  # the sentinel stays
        with pytest.raises(Ended):
            channel.get()
    assert channel.dropped == 0


@pytest.mark.parametrize("kind", KINDS)
def test_an_end_is_heard_while_waiting(kind: Callable[[], Channel[int]]) -> None:
    channel = kind()
    thread, outcome = beside(channel.get)
    channel.end()
    thread.join(5)
    assert [type(o) for o in outcome] == [Ended]


@pytest.mark.parametrize("kind", KINDS)
def test_a_stop_ends_every_wait_now_and_later(kind: Callable[[], Channel[int]]) -> None:
    channel = kind()
    thread, outcome = beside(channel.get)
    channel.stop()
    thread.join(5)
    assert [type(o) for o in outcome] == [Stopped]
    with pytest.raises(Stopped):
        channel.put(1)
    with pytest.raises(Stopped):
        list(channel)


def test_a_stop_frees_the_giver_of_a_full_queue() -> None:
    channel: Ordered[int] = Ordered(1)
    channel.put(0)
    thread, outcome = beside(lambda: channel.put(1))
    channel.stop()
    thread.join(5)
    assert [type(o) for o in outcome] == [Stopped]


def test_a_stop_throws_away_what_waits() -> None:
    channel: Ordered[int] = Ordered(3)
    channel.put(1)
    channel.stop()
    with pytest.raises(Stopped):
        channel.get()


@pytest.mark.parametrize("depth", [0, -1])
def test_a_queue_has_room(depth: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Ordered(depth)
