from __future__ import annotations

import threading

import pytest
from waiting import SOON, our_threads, wait_until

from unmask_live.errors import UserError
from unmask_live.switching import Switching


class Opened:
    """Opens when it is let; notes what was asked, in which thread."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.threads: set[str] = set()
        self.go_on = threading.Event()
        self.lacks: set[str] = set()
        self.failed: list[tuple[str, str]] = []

    def prepare(self, name: str) -> None:
        self.asked.append(name)
        self.threads.add(threading.current_thread().name)
        assert self.go_on.wait(SOON)
        if name in self.lacks:
            raise UserError(f"no {name}")

    def fail(self, name: str, error: BaseException) -> None:
        self.failed.append((name, str(error)))


@pytest.fixture
def opened():
    made = Opened()
    yield made
    made.go_on.set()
    wait_until(lambda: our_threads() == [])


@pytest.fixture
def switching(opened: Opened) -> Switching:
    return Switching(opened.prepare, inpainter="usual", fail=opened.fail)


def until_ready(switching: Switching, wished: str) -> None:
    wait_until(lambda: switching.ready(wished))


def test_without_a_wish_nothing_happens(switching: Switching, opened: Opened) -> None:
    assert not any(switching.ready("usual") for _ in range(3))
    assert opened.asked == []
    switching.join()


def test_another_is_opened_once_in_a_thread_of_its_own_and_taken_once(
    switching: Switching, opened: Opened
) -> None:
    assert not any(switching.ready("other") for _ in range(5)), "the caller goes on meanwhile"
    opened.go_on.set()
    until_ready(switching, "other")
    assert switching.inpainter == "other"
    assert not switching.ready("other")
    assert opened.asked == ["other"] and opened.threads == {"unmask-open-inpainter"}


def test_back_to_one_that_is_open_is_at_once(switching: Switching, opened: Opened) -> None:
    opened.go_on.set()
    until_ready(switching, "other")
    assert switching.ready("usual") and switching.ready("other")
    assert opened.asked == ["other"]


def test_a_wish_that_changes_meanwhile_is_followed(switching: Switching, opened: Opened) -> None:
    switching.ready("other")
    assert not switching.ready("third")
    opened.go_on.set()
    until_ready(switching, "third")
    assert opened.asked == ["other", "third"] and switching.inpainter == "third"
    assert switching.ready("other"), "it was opened on the way"


def test_a_wish_taken_back_meanwhile_leaves_all_as_it_was(
    switching: Switching, opened: Opened
) -> None:
    switching.ready("other")
    opened.go_on.set()
    switching.join()
    assert not switching.ready("usual") and switching.inpainter == "usual"


def test_what_quality_may_step_to_is_opened_the_same_way_and_not_gone_over_to(
    switching: Switching, opened: Opened
) -> None:
    assert not any(switching.has("small") for _ in range(5))
    assert switching.has("usual") and opened.asked == ["small"]
    assert not switching.ready("other"), "one at a time"
    opened.go_on.set()
    until_ready(switching, "other")
    assert switching.has("small") and switching.inpainter == "other"
    assert opened.asked == ["small", "other"]
    assert opened.threads == {"unmask-open-inpainter"}


def test_what_it_may_not_step_to_is_told_once_until_another_is_wished_for(
    switching: Switching, opened: Opened
) -> None:
    opened.lacks = {"small"}
    opened.go_on.set()
    switching.has("small")
    wait_until(lambda: switching.ready("usual") or opened.failed)
    assert not any(switching.has("small") or switching.ready("usual") for _ in range(5))
    assert opened.failed == [("small", "no small")] and opened.asked == ["small"]
    until_ready(switching, "other")
    opened.lacks.clear()
    wait_until(lambda: switching.has("small") or switching.ready("other"))
    assert opened.asked == ["small", "other", "small"]


def test_one_that_cannot_be_had_is_told_once_and_tried_again_when_asked_anew(
    switching: Switching, opened: Opened
) -> None:
    opened.lacks = {"other"}
    opened.go_on.set()
    switching.ready("other")
    wait_until(lambda: switching.ready("other") or opened.failed)
    assert not any(switching.ready("other") for _ in range(5))
    assert opened.failed == [("other", "no other")] and opened.asked == ["other"]
    assert switching.inpainter == "usual"
    switching.ready("usual")
    opened.lacks.clear()
    until_ready(switching, "other")
    assert opened.asked == ["other", "other"] and len(opened.failed) == 1
