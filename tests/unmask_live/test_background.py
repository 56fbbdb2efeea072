from __future__ import annotations

from unmask_live.pipeline import background


def test_the_result_or_the_error_is_handed_over_in_a_thread_of_the_programs() -> None:
    told: list[object] = []
    background(lambda: 7, told.append, told.append).join(5)
    error = ValueError("bug")

    def fail() -> int:
        raise error

    thread = background(fail, told.append, told.append, name="failing")
    thread.join(5)
    assert told == [7, error]
    assert thread.name == "unmask-failing"
