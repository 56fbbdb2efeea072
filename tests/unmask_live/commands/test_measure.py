from __future__ import annotations

import numpy as np
import pytest
from waiting import wait_until

from unmask_live import Unmasked
from unmask_live.commands.measure import (
    WARM_UP,
    compose,
    face_centre,
    frames_a_second,
    time_calls,
    time_finder,
    time_frames,
)
from unmask_live.unmasker import STAGES


def dot(index: int, x: int = 800, y: int = 300) -> np.ndarray:
    """A 720p frame whose face is one bright block."""
    image = np.full((720, 1280, 3), 40, np.uint8)
    image[y - 20 : y + 20, x - 20 : x + 20] = 255
    image[0, 0] = index
    return image


def blocks(image: np.ndarray) -> int:
    import cv2

    return cv2.connectedComponents((image[..., 0] > 200).astype(np.uint8))[0] - 1


@pytest.mark.parametrize("faces", [1, 2, 4])
@pytest.mark.parametrize("x", [30, 640, 1250])
def test_as_many_faces_as_asked_for_wherever_the_face_is(faces: int, x: int) -> None:
    pictures = [dot(index, x) for index in range(7)]
    frames = compose(pictures, faces, (x, 300.0))
    assert len(frames) == 7
    for frame in frames:
        assert frame.shape == (720, 1280, 3)
        assert frame.dtype == np.uint8
        assert blocks(frame) == faces


def test_another_number_is_refused() -> None:
    with pytest.raises(ValueError, match="got 3"):
        compose([dot(0)], 3, (640.0, 360.0))


class Clockwork:
    """Counts calls; finds nothing."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def __call__(self, image: np.ndarray, timestamp: float = 0.0) -> Unmasked:
        self.times.append(timestamp)
        return Unmasked(image, (), dict.fromkeys(STAGES, 2.0))

    def reset(self) -> None: ...


def test_times_exactly_the_frames_asked_for() -> None:
    clockwork = Clockwork()
    report = time_frames(clockwork, [dot(i) for i in range(3)], 1, 60.0, 11)
    assert report["frames"] == 11
    assert report["stages"]["find"] == {"median_ms": 2.0, "p95_ms": 2.0, "mean_ms": 2.0}
    assert (np.diff(clockwork.times) > 0).all()
    assert report["fps"] > 0


def test_a_stage_that_runs_now_and_then_is_told_as_it_is_when_it_runs_and_on_average() -> None:
    class EverySecond(Clockwork):
        def __call__(self, image: np.ndarray, timestamp: float = 0.0) -> Unmasked:
            result = super().__call__(image, timestamp)
            result.milliseconds["find"] = 6.0 * (len(self.times) % 2)
            return result

    find = time_frames(EverySecond(), [dot(0)], 1, 60.0, 10)["stages"]["find"]
    assert find == {"median_ms": 6.0, "p95_ms": 6.0, "mean_ms": 3.0}


def test_frames_a_second_with_the_halves_side_by_side() -> None:
    class Halves(Clockwork):
        def see(self, image: np.ndarray, timestamp: float) -> float:
            self.times.append(timestamp)
            return timestamp

        def fill(self, seen: float) -> None:
            if seen == 0:  # the next frame is seen before this one is filled
                wait_until(lambda: len(self.times) > 1)

    halves = Halves()
    assert frames_a_second(halves, [dot(0), dot(1)], 60.0, 20) > 0
    assert len(halves.times) == WARM_UP + 20 and (np.diff(halves.times) > 0).all()


def test_stops_when_the_time_is_over() -> None:
    report = time_frames(Clockwork(), [dot(0)], 1, 0.05, None)
    assert report["frames"] >= 1


def test_no_face_is_the_middle() -> None:
    assert face_centre(Clockwork(), [dot(0)]) == (640.0, 360.0)


def test_calls_are_counted_after_a_warm_up() -> None:
    calls = []
    figures = time_calls(lambda: calls.append(1), 60.0, 5)
    assert len(calls) == WARM_UP + 5
    assert figures["runs"] == 5
    assert figures["p95_ms"] >= figures["median_ms"] >= 0


def test_our_finder_from_picture_to_faces() -> None:
    figures = time_finder("ours", "openvino:fp32", np.full((720, 1280, 3), 114, np.uint8), 60.0, 2)
    assert figures["runs"] == 2
    assert figures["faces"] == 0
    assert figures["backend"].startswith("OpenVINO")
