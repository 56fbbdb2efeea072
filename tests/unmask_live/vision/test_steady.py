from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unmask_live.vision.steady import LONGEST_SECONDS, Steady

TAU = LONGEST_SECONDS * 0.25  # at half strength
HOLE = np.zeros((256, 256), np.float32)
HOLE[120:230, 70:190] = 1
RNG = np.random.default_rng(1)
CROP = np.full((256, 256, 3), 120, np.uint8)
CROP[:, ::16] = 60
OTHER = np.kron(RNG.integers(0, 255, (16, 16, 3), np.uint8), np.ones((16, 16, 1), np.uint8))


def even(level: float) -> np.ndarray:
    return np.full((256, 256, 3), level, np.float32)


def run(steady: Steady, fill: np.ndarray, crop=CROP, step=1 / 30, hole=HOLE) -> np.ndarray:
    steady.matte(hole, crop, step)
    return steady.filled(fill, hole, steady.change)


@pytest.mark.parametrize("rate", [15, 30, 60])
def test_noise_on_a_still_face_falls_as_a_recursive_average_says(rate):
    steady, outs = Steady(), []
    for frame in range(12 * rate // 10):
        out = run(steady, RNG.normal(100, 5, (256, 256, 3)).astype(np.float32), step=1 / rate)
        if frame > rate:
            outs.append(out[HOLE > 0].std())
    share = 1 - np.exp(-1 / rate / TAU)
    assert np.mean(outs) == pytest.approx(5 * np.sqrt(share / (2 - share)), rel=0.08)


def test_a_still_face_converges_to_its_fill():
    steady = Steady()
    run(steady, even(0))
    for _ in range(60):
        out = run(steady, even(100))
    assert np.allclose(out[HOLE > 0], 100, atol=0.1)


@pytest.mark.parametrize("rate", [10, 25, 120])
def test_what_is_kept_depends_on_seconds_and_not_on_frames(rate):
    steady = Steady()
    run(steady, even(0), step=1 / rate)
    for _ in range(rate // 5):
        out = run(steady, even(100), step=1 / rate)
    assert np.allclose(out[HOLE > 0], 100 * (1 - np.exp(-0.2 / TAU)), atol=0.5)


def test_frames_of_one_time_still_come_through():
    steady = Steady()
    run(steady, even(0), step=0)
    for _ in range(400):
        out = run(steady, even(100), step=0)
    assert out[HOLE > 0].min() > 99


def test_a_jump_is_taken_at_once():
    steady = Steady()
    for _ in range(5):
        run(steady, even(0))
    assert np.allclose(run(steady, even(100), OTHER)[HOLE > 0], 100, atol=0.01)


def test_strength_0_changes_nothing_and_may_be_set_between_frames():
    steady = Steady(0.0)
    fills = [RNG.normal(100, 30, (256, 256, 3)).astype(np.float32) for _ in range(4)]
    mattes = [np.roll(HOLE, 9 * k, axis=0) for k in range(4)]
    for fill, matte in zip(fills[:2], mattes[:2], strict=True):
        assert np.array_equal(steady.matte(matte, CROP, 1 / 30), matte)
        assert np.array_equal(steady.filled(fill, matte, steady.change), fill)
    steady.strength = 1.0
    assert not np.array_equal(steady.matte(mattes[2], CROP, 1 / 30), mattes[2])
    assert not np.array_equal(steady.filled(fills[2].copy(), mattes[2], steady.change), fills[2])
    steady.strength = 0.0
    assert np.array_equal(steady.matte(mattes[3], CROP, 1 / 30), mattes[3])
    assert np.array_equal(steady.filled(fills[3], mattes[3], steady.change), fills[3])


def test_more_strength_is_calmer():
    spread = []
    for strength in (0.0, 0.3, 0.6, 1.0):
        steady, rng = Steady(strength), np.random.default_rng(0)
        for _ in range(75):
            out = run(steady, rng.normal(100, 5, (256, 256, 3)).astype(np.float32))
        spread.append(out[HOLE > 0].std())
    assert spread == sorted(spread, reverse=True)
    assert spread[0] > 4.5 and spread[-1] < 0.3 * spread[0]


@pytest.mark.parametrize("factor", [0.6, 1.5])
def test_a_lamp_lights_the_fill_at_once(factor):
    steady = Steady()
    for _ in range(10):
        run(steady, even(100))
    lit = np.clip(CROP * np.float32(factor), 0, 255).astype(np.uint8)
    out = run(steady, even(100 * factor), lit)
    assert np.allclose(out[HOLE > 0], 100 * factor, rtol=0.02)


def test_a_warmer_light_warms_the_fill():
    steady = Steady()
    for _ in range(10):
        run(steady, even(100))
    warm = np.clip(CROP * np.float32([1.2, 1.0, 0.8]), 0, 255).astype(np.uint8)
    fill = even(100) * np.float32([1.2, 1.0, 0.8])
    assert np.allclose(run(steady, fill, warm)[HOLE > 0], fill[HOLE > 0], rtol=0.02)


def test_motion_on_one_side_refreshes_that_side():
    steady = Steady()
    for _ in range(10):
        run(steady, even(0))
    hand = CROP.copy()
    hand[110:, :60] = OTHER[110:, :60]
    out = run(steady, even(100), hand)
    assert out[170, 75].mean() > 2 * out[170, 185].mean()
    assert out[170, 185].mean() < 30


def test_what_was_no_hole_before_holds_nothing_old():
    steady = Steady()
    wider = HOLE.copy()
    wider[100:240, 50:210] = 1
    for _ in range(5):
        run(steady, even(-50))
    out = run(steady, even(100), hole=wider)
    assert np.allclose(out[(wider > 0) & (HOLE == 0)], 100, atol=0.01)


def test_a_forgotten_fill_does_not_come_back():
    steady = Steady()
    run(steady, even(0))
    steady.forget_fill()
    assert np.array_equal(run(steady, even(100)), even(100))


def test_a_mask_put_on_is_covered_within_two_frames():
    steady = Steady()
    for _ in range(5):
        steady.matte(np.zeros_like(HOLE), CROP, 1 / 30)
    steady.matte(HOLE, CROP, 1 / 30)
    assert np.array_equal(steady.matte(HOLE, CROP, 1 / 30) > 0.35, HOLE > 0.35)


def test_a_crop_that_is_all_mask_is_no_trouble():
    steady, whole = Steady(), np.ones_like(HOLE)
    run(steady, even(0), hole=whole)
    assert np.isfinite(run(steady, even(100), OTHER, hole=whole)).all()


@settings(max_examples=20, deadline=None)
@given(
    levels=st.lists(st.floats(0, 255), min_size=2, max_size=6),
    strength=st.floats(0, 1),
    step=st.floats(0, 2),
)
def test_a_still_face_stays_between_the_fills_it_was_given(levels, strength, step):
    steady = Steady(strength)
    for level in levels:
        out = run(steady, even(level), step=step)
    assert min(levels) - 0.01 <= out[HOLE > 0].min() <= out[HOLE > 0].max() <= max(levels) + 0.01
