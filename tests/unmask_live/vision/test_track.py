from __future__ import annotations

import numpy as np
import pytest

from unmask_live.types import Detection
from unmask_live.vision.find import FOLLOW
from unmask_live.vision.track import (
    CONFIRM,
    FAINT_SECONDS,
    HOLD_SECONDS,
    PLAIN,
    OneEuro,
    Tracker,
)

POINTS = np.array([[40, 40], [60, 40], [50, 50], [42, 62], [58, 62]], np.float32)


def face(x: float = 0.0, y: float = 0.0, score: float = 0.9) -> Detection:
    box = (20 + x, 20 + y, 80 + x, 90 + y)
    return Detection(box, POINTS + np.float32([x, y]), score, score > 0.5)


def test_a_faint_find_keeps_a_track_but_begins_none():
    tracker = Tracker()
    faint = face(score=FOLLOW + 0.01)
    assert not tracker([faint], 0.0, at_once=True)
    tracker([face()], 0.1, at_once=True)
    tracks = tracker([faint], 2.0 / 3)
    assert [t.seen for t in tracks] == [2.0 / 3]


def test_the_first_frame_needs_no_second_look():
    tracks = Tracker()([face()], 0.0, at_once=True)
    assert [t.track_id for t in tracks] == [1]
    assert tracks[0].opacity == 1.0


def test_a_false_find_of_one_frame_never_shows():
    tracker = Tracker()
    tracker([], 0.0)
    shown = [tracker(d, (k + 1) / 30) for k, d in enumerate([[face()], [], [face(400)], []])]
    assert all(not s for s in shown)


def test_a_face_mid_stream_shows_once_confirmed():
    tracker = Tracker()
    tracker([], 0.0)
    shown = [tracker([face()], (k + 1) / 30) for k in range(CONFIRM)]
    assert [len(s) for s in shown] == [0] * (CONFIRM - 1) + [1]
    assert shown[-1][0].opacity == 0.0  # it fades in


@pytest.mark.parametrize("rate", [5, 30])
def test_a_faint_face_must_be_seen_surely_for_a_while(rate):
    def first_shown(scores: list[float]) -> float | None:
        tracker = Tracker()
        tracker([], 0.0)
        for k, score in enumerate(scores, 1):
            if tracker([face(score=score)], k / rate):
                return (k - 1) / rate
        return None

    faint = [0.55] * (3 * rate)
    assert first_shown(faint) == pytest.approx(FAINT_SECONDS, abs=1 / rate)
    doubted = [0.55 if k % (rate // 2) else 0.45 for k in range(3 * rate)]
    assert first_shown(doubted) is None
    assert first_shown([*faint[: rate // 2], PLAIN]) == pytest.approx(0.5, abs=1 / rate)


@pytest.mark.parametrize("score", [FOLLOW + 0.01, 0.5])
def test_a_doubtful_look_confirms_nothing_however_long_after_the_first(score):
    """A machine that is slow for a while sees frames far apart: two looks span FAINT_SECONDS."""
    tracker = Tracker()
    tracker([], 0.0)
    assert not tracker([face(score=0.55)], 1.0)
    assert not tracker([face(score=score)], 1.0 + 2 * FAINT_SECONDS)
    assert not tracker.tracks, "what was surely seen only once is let go"


def test_ids_stay_with_their_faces_and_are_never_given_twice():
    tracker = Tracker()
    tracker([face(0), face(300)], 0.0, at_once=True)
    for k in range(1, 20):
        tracks = tracker([face(300 - 2 * k), face(2 * k)], k / 30)
    assert {t.track_id: round(float(t.box[0])) for t in tracks} == {1: 58, 2: 282}
    tracker([], 5.0)
    assert [t.track_id for t in tracker([face()], 5.1, at_once=True)] == [3]


def test_a_lost_face_is_held_then_fades_then_goes():
    tracker = Tracker()
    tracker([face()], 0.0, at_once=True)
    presence = []
    for k in range(1, 30):
        tracks = tracker([], k / 30)
        presence.append(tracks[0].presence(k / 30) if tracks else 0.0)
    assert presence[0] == 1.0
    assert presence == sorted(presence, reverse=True)
    assert max(np.abs(np.diff(presence))) < 0.2  # no flash
    assert presence[int(HOLD_SECONDS * 30)] == 0.0


def test_the_filter_calms_noise_and_keeps_up_with_motion():
    rng = np.random.default_rng(0)
    still = OneEuro()
    noisy = [POINTS + rng.normal(0, 1, POINTS.shape).astype(np.float32) for _ in range(90)]
    calm = [still(p, k / 30, 20.0) for k, p in enumerate(noisy)]
    assert np.std(calm[30:], axis=0).mean() < 0.6 * np.std(noisy[30:], axis=0).mean()
    moving = OneEuro()
    for k in range(60):
        out = moving(POINTS + np.float32([5 * k, 0]), k / 30, 20.0)
    assert abs(float((out - POINTS)[0, 0]) - 5 * 59) < 8


def test_time_that_stands_still_changes_nothing():
    steady = OneEuro()
    first = steady(POINTS, 1.0)
    assert np.array_equal(steady(POINTS + 50, 1.0), first)


@pytest.mark.parametrize("rate", [5, 30, 240])
def test_smoothing_follows_the_clock_not_the_frame_count(rate):
    slow = OneEuro()
    for k in range(rate + 1):
        out = slow(POINTS + np.float32(10 * k / rate), k / rate, 20.0)
    assert abs(float((out - POINTS).mean()) - 10) < 3


def test_frames_without_a_look_neither_confirm_nor_forget():
    tracker = Tracker()
    tracker([], 0.0)
    assert tracker([face()], 0.1) == []
    for k in range(3):
        assert tracker.follow({}, 0.11 + k / 100) == []
    shown = tracker([face(4)], 0.2)
    assert [t.hits for t in shown] == [2]


@pytest.mark.parametrize("rate", [5, 30, 240])
def test_a_second_sight_is_enough_at_any_frame_rate(rate):
    tracker = Tracker()
    tracker([], 0.0)
    assert [len(tracker([face()], k / rate)) for k in (1, 2, 3)] == [0, 1, 1]


def test_a_followed_face_moves_but_is_not_seen():
    tracker = Tracker()
    (track,) = tracker([face()], 0.0, at_once=True)
    (moved,) = tracker.follow({track.track_id: face(6)}, 0.1)
    assert moved is track
    assert moved.box[0] == 26 and moved.keypoints[0, 0] > 41
    assert (moved.seen, moved.placed, moved.hits, moved.place.box[0]) == (0.0, 0.1, 1, 26)
    assert tracker.follow({track.track_id: face(9)}, HOLD_SECONDS) == []
