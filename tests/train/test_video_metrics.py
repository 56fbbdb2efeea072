from __future__ import annotations

import cv2
import numpy as np
import pytest

from train import video_metrics
from unmask_live.vision import align

RNG = np.random.default_rng(0)
SCENE = cv2.resize(RNG.integers(0, 255, (30, 40, 3), np.uint8), (160, 120), interpolation=3)
ALL = np.ones((80, 100), bool)


def part(x: int, y: int) -> np.ndarray:
    return np.ascontiguousarray(SCENE[20 + y : 100 + y, 30 + x : 130 + x])


def test_flow_finds_where_pixels_were():
    way = video_metrics.flow(part(0, 0), part(3, -2))
    middle = way.back[20:-20, 20:-20]
    assert np.allclose(middle.reshape(-1, 2).mean(0), [3, -2], atol=0.15)
    assert way.seen[20:-20, 20:-20].mean() > 0.9


def test_what_came_into_the_picture_was_not_seen_before():
    way = video_metrics.flow(part(0, 0), part(9, 0))
    assert not way.seen[:, -8:].any()


def test_a_video_that_follows_the_flow_has_no_warping_error_and_a_frozen_one_has():
    before, now = part(0, 0), part(3, -2)
    way = video_metrics.flow(before, now)
    right, count = video_metrics.warp_error(before, now, way.back, way.seen)
    frozen, _ = video_metrics.warp_error(before, before, way.back, way.seen)
    assert count == way.seen.sum()
    assert right < 0.02 * frozen


@pytest.mark.parametrize("step", [0, 10, 51])
def test_the_warping_error_of_a_change_of_brightness_is_its_square(step):
    before = np.full((80, 100, 3), 100, np.uint8)
    still = np.zeros((80, 100, 2), np.float32)
    error, count = video_metrics.warp_error(before, before + np.uint8(step), still, ALL)
    assert error == pytest.approx((step / 255) ** 2, rel=1e-5)
    assert count == ALL.size


def test_nothing_inside_is_no_error_over_no_pixels():
    still = np.zeros((80, 100, 2), np.float32)
    assert video_metrics.warp_error(part(0, 0), part(1, 0), still, ~ALL) == (0.0, 0)


def test_flicker_is_the_spread_over_time_alone():
    greys = RNG.normal(0, 2, (400, 80, 100)).astype(np.float32)
    greys += RNG.uniform(0, 200, (80, 100)).astype(np.float32)
    assert video_metrics.flicker(greys, ALL) == pytest.approx(2, rel=0.02)
    assert np.isnan(video_metrics.flicker(greys, ~ALL))


def test_jitter_is_in_the_frames_pixels():
    base = np.array([[0.5, 0, 10], [0, 0.5, 20]], np.float32)
    shaken = np.repeat(base[None], 200, 0)
    shaken[::2, 0, 2] += 1  # one crop pixel is two of the frame, to and fro: a spread of one
    assert video_metrics.jitter(shaken) == pytest.approx(1, rel=1e-4)
    assert video_metrics.jitter(np.repeat(base[None], 5, 0)) == pytest.approx(0, abs=1e-4)
    assert np.isnan(video_metrics.jitter(np.zeros((0, 2, 3), np.float32)))
    assert video_metrics.PROBES.max() < align.CROP


@pytest.mark.parametrize("late", [-0.05, 0.0, 0.1])
def test_lag_is_told_in_seconds_whatever_the_bias(late):
    t = np.arange(0, 6, 1 / 30)

    def place(seconds):
        return np.stack([50 * np.sin(seconds), 20 * np.cos(1.3 * seconds)], 1)

    assert video_metrics.lag(place(t - late) + np.array([7, -4]), place(t), t) == pytest.approx(
        late, abs=3e-3
    )


def test_where_nothing_moves_lag_means_nothing():
    t = np.arange(10) / 30
    assert np.isnan(video_metrics.lag(np.zeros((10, 2)), np.zeros((10, 2)), t))
    assert np.isnan(video_metrics.lag(np.zeros((2, 2)), np.ones((2, 2)), t[:2]))
