from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unmask_live.types import Detection, Image
from unmask_live.vision.follow import LONGEST, Follower, Followers
from unmask_live.vision.track import Tracker

POINTS = np.array([[280, 160], [340, 164], [310, 200], [290, 235], [332, 237]], np.float32)
BOX = (250.0, 100.0, 370.0, 260.0)
FACE = Detection(BOX, POINTS, 0.9)
STEP = 1 / 30


def scene(seed: int = 0, size: tuple[int, int] = (640, 360)) -> Image:
    """Smooth blotches: something to see everywhere, and nowhere the same."""
    noise = np.random.default_rng(seed).normal(0, 1, (size[1], size[0], 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 5)
    return np.clip(128 + 60 * soft / soft.std(), 0, 255).astype(np.uint8)


def moved(image: Image, x: float, y: float) -> Image:
    shift = np.float32([[1, 0, x], [0, 1, y]])
    size = (image.shape[1], image.shape[0])
    return cv2.warpAffine(image, shift, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


SCENE = scene()


@given(st.floats(-25, 25), st.floats(-25, 25))
def test_a_face_is_found_again_to_part_of_a_pixel(x: float, y: float) -> None:
    found = Follower(SCENE, FACE, 0.0)(moved(SCENE, x, y), STEP)
    assert found is not None
    assert np.abs(found.keypoints - POINTS - np.float32([x, y])).max() < 0.5
    assert np.allclose(np.array(found.box) - np.array(BOX), [x, y, x, y], atol=0.5)
    assert found.score == FACE.score
    assert np.array_equal(FACE.keypoints, POINTS), "what the finder saw is left alone"


@pytest.mark.parametrize("scale", [0.35, 1.0, 3.0])
def test_near_and_far_faces(scale: float) -> None:
    image = scene(1, (960, 540))
    face = Detection(BOX, (POINTS - POINTS.mean(0)) * scale + np.float32([480, 270]), 0.9)
    shift = 6 * scale
    found = Follower(image, face, 0.0)(moved(image, shift, -shift), STEP)
    assert found is not None
    gone = found.keypoints - face.keypoints
    assert np.abs(gone - np.float32([shift, -shift])).max() < 0.3 * max(scale, 1)


def test_it_keeps_up_with_motion_beyond_its_reach() -> None:
    """It is sought where it is expected; the reach is 30 px here."""
    follower = Follower(SCENE, FACE, 0.0)
    for frame, place in enumerate([25, 70, 120, 175], 1):
        found = follower(moved(SCENE, place, 0), frame * STEP)
        assert found is not None
        assert abs(float((found.keypoints - POINTS)[0, 0]) - place) < 0.5


@pytest.mark.parametrize("time", [0.0, -1.0])
def test_time_that_stands_still_is_no_obstacle(time: float) -> None:
    follower = Follower(SCENE, FACE, 0.0)
    for _ in range(2):
        assert follower(moved(SCENE, 3, 0), time) is not None


@pytest.mark.parametrize(
    "now",
    [scene(7), np.zeros_like(SCENE), moved(SCENE, 120, 0), SCENE[:150, :230], SCENE[:1, :1]],
    ids=["another scene", "nothing", "too far", "cut off", "one pixel"],
)
def test_what_is_unsure_is_not_guessed(now: Image) -> None:
    assert Follower(SCENE, FACE, 0.0)(now, STEP) is None


@pytest.mark.parametrize("place", [(0, 0), (639, 0), (320, 359), (5000, 5000)])
def test_faces_at_the_edge_and_beyond(place: tuple[int, int]) -> None:
    face = Detection(BOX, POINTS - POINTS[0] + np.float32(place), 0.9)
    found = Follower(SCENE, face, 0.0)(SCENE, STEP)
    if found is not None:
        assert np.abs(found.keypoints - face.keypoints).max() < 0.5
    assert (found is None) == (place == (5000, 5000))


def looked(every: int, detections: list[Detection], at_once: bool = True):
    tracker, followers = Tracker(), Followers()
    tracker(detections, 0.0, at_once=at_once)
    followers.look(SCENE, tracker.tracks, 0.0, every)
    return tracker, followers


@pytest.mark.parametrize("every", [1, 2, 4])
def test_the_finder_looks_at_every_nth_frame(every: int) -> None:
    tracker, followers = looked(every, [FACE])
    looks = []
    for frame in range(1, 13):
        seconds = frame / 100
        moves = followers(SCENE, tracker.tracks, seconds, every)
        looks.append(moves is None)
        if moves is None:
            tracker([FACE], seconds)
            followers.look(SCENE, tracker.tracks, seconds, every)
        else:
            assert moves.keys() == {1}
            tracker.follow(moves, seconds)
    assert looks == [frame % every == 0 for frame in range(1, 13)]


def test_a_slow_camera_does_not_wait_for_the_nth_frame() -> None:
    tracker, followers = looked(4, [FACE])
    assert followers(SCENE, tracker.tracks, LONGEST, 4) is None


def test_the_finder_looks_for_faces_that_are_not_there_new_or_missed() -> None:
    tracker, followers = looked(4, [])
    assert followers(SCENE, tracker.tracks, STEP, 4) is None
    tracker, followers = looked(4, [FACE], at_once=False)
    assert followers(SCENE, tracker.tracks, STEP, 4) is None
    tracker, followers = looked(4, [FACE])
    tracker([], STEP)
    followers.look(SCENE, tracker.tracks, STEP, 4)
    assert tracker.tracks and followers(SCENE, tracker.tracks, 2 * STEP, 4) is None


def test_the_finder_looks_when_a_face_is_lost_from_sight() -> None:
    tracker, followers = looked(4, [FACE])
    assert followers(scene(7), tracker.tracks, STEP, 4) is None


def test_the_finder_looks_after_forgetting_and_after_a_change_of_pace() -> None:
    tracker, followers = looked(4, [FACE])
    followers.forget()
    assert followers(SCENE, tracker.tracks, STEP, 4) is None
    tracker, followers = looked(1, [FACE])
    assert followers(SCENE, tracker.tracks, STEP, 4) is None
