from __future__ import annotations

from collections.abc import Iterator

import pytest
from waiting import our_threads, wait_until

from unmask_live.kept_camera import KeptCamera


class Camera:
    """A virtual camera that remembers; told to, it fails."""

    def __init__(self) -> None:
        self.sent: list[object] = []
        self.repeats = self.closed = 0
        self.gone = False

    def send(self, image: object) -> None:
        self.sent.append(image)

    def repeat(self) -> None:
        if self.gone:
            raise RuntimeError("no such device")
        self.repeats += 1

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def kept() -> Iterator[KeptCamera]:
    made = KeptCamera()
    made.want(True)
    yield made
    made.want(False)
    wait_until(lambda: not made.held)
    wait_until(lambda: not our_threads())


def test_the_last_picture_is_repeated_until_a_run_takes_over(kept: KeptCamera) -> None:
    camera = Camera()
    assert kept.take() is None and not kept.held
    kept.hold(camera)
    assert kept.held
    wait_until(lambda: camera.repeats > 2)
    assert kept.take() is camera and not kept.held
    before = camera.repeats
    wait_until(lambda: not our_threads())
    assert (camera.repeats, camera.closed, camera.sent) == (before, 0, [])


def test_after_a_stop_it_goes_black_once(kept: KeptCamera) -> None:
    camera = Camera()
    kept.hold(camera)
    kept.blank()
    wait_until(lambda: camera.sent)
    before = camera.repeats
    wait_until(lambda: camera.repeats > before)
    (black,) = camera.sent
    assert not black.any()  # type: ignore[attr-defined]


def test_what_nobody_wants_any_more_is_closed(kept: KeptCamera) -> None:
    first, second = Camera(), Camera()
    kept.hold(first)
    kept.want(False)
    wait_until(lambda: first.closed)
    kept.hold(second)  # of a run that ended after the switch
    wait_until(lambda: second.closed)
    assert not kept.held and kept.take() is None


def test_a_device_that_goes_is_let_go(kept: KeptCamera) -> None:
    camera = Camera()
    camera.gone = True
    kept.hold(camera)
    wait_until(lambda: camera.closed)
    assert not kept.held
