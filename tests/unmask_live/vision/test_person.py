from __future__ import annotations

import numpy as np
import pytest

from unmask_live.types import Detection
from unmask_live.vision import grain, sharpen
from unmask_live.vision.person import Found, Look, Person
from unmask_live.vision.track import Track

SHAPE = (256, 256)
MATTE = np.zeros(SHAPE, np.float32)
MATTE[140:220, 60:196] = 1
NOISY = np.random.default_rng(0).normal(120, 12, (*SHAPE, 3)).clip(0, 255).astype(np.uint8)
FLAT = np.full_like(NOISY, 120)


@pytest.fixture
def track() -> Track:
    box = (0.0, 0.0, 255.0, 255.0)
    points = np.float32([[84, 96], [172, 96], [128, 150], [96, 190], [160, 190]])
    place = Detection(box, points, 0.9)
    return Track(1, box, points, 0.9, 0.0, place, 0.0, 0.0, opacity=1.0)


def look(person: Person, track: Track, crop: np.ndarray, step: float) -> Look:
    return Look(person, track, crop, np.float32([[1, 0, 0], [0, 1, 0]]), step)


def test_grain_and_contours_follow_what_is_seen_slowly_and_by_the_clock(track: Track) -> None:
    person = Person()
    person.judge(look(person, track, NOISY, 0.0), Found(MATTE), SHAPE, 0.0)
    first = person.hole
    assert first is not None
    assert first.grain == grain.missing(NOISY, first.hole) > 0
    assert first.sharpening == sharpen.lacking(NOISY, first.hole) > 0
    for index in range(10):
        step = grain.SETTLE_SECONDS / 10
        track.seen = seconds = (index + 1) * step
        person.judge(look(person, track, FLAT, step), Found(MATTE), SHAPE, seconds)
    last = person.hole
    assert last is not None
    assert last.grain == pytest.approx(first.grain * np.exp(-1), rel=0.05)
    assert last.sharpening == pytest.approx(first.sharpening * np.exp(-1), rel=0.05)


def test_a_face_without_a_mask_has_nothing_to_fill(track: Track) -> None:
    track.opacity = 0.0
    person = Person()
    told = person.judge(look(person, track, NOISY, 0.0), Found(np.zeros_like(MATTE)), SHAPE, 0.0)
    assert person.hole is None and not track.masked
    assert told.holes[0].opacity == 0 and not told.holes[0].hole.any()
