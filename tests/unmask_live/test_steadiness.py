"""The whole chain over time, on a still frame of the demo: light, noise."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from unmask_live import Unmasker
from unmask_live.vision import align

DEMO = Path(__file__).parents[2] / "assets" / "demo.mp4"
SURGICAL = 70


@pytest.fixture(scope="module")
def masked() -> np.ndarray:
    with av.open(str(DEMO)) as clip:
        for index, frame in enumerate(clip.decode(video=0)):
            if index == SURGICAL:
                return frame.to_ndarray(format="rgb24")
    raise AssertionError("the demo is too short")


@pytest.fixture(scope="module")
def shared():
    # "auto" takes 8 bits where they are quicker just now: with other figures, and on a busy machine
    # by chance.
    with Unmasker(backend="openvino:fp32") as unmasker:
        yield unmasker


@pytest.fixture
def unmasker(shared):
    shared.reset()
    return shared


def deep_in_the_fill(result) -> np.ndarray:
    """Where the frame shows nothing but the fill, H×W bool."""
    face = result.faces[0]
    shape = result.image.shape[1::-1]
    return cv2.warpAffine(face.matte, align.invert(face.transform), shape) > 0.99


@pytest.mark.parametrize("lamp", [(0.65, 0.65, 0.65), (1.15, 1.05, 0.85)])
def test_the_fill_follows_the_light_within_a_fifth_of_a_second(unmasker, masked, lamp):
    lit = np.clip(masked * np.float32(lamp), 0, 255).astype(np.uint8)
    unmasker(lit, 0.0)
    goal = unmasker(lit, 1 / 30)
    inside = deep_in_the_fill(goal)
    unmasker.reset()
    for k in range(10):
        before = unmasker(masked, k / 30)
    inside &= deep_in_the_fill(before)
    for k in range(10, 16):
        after = unmasker(lit, k / 30)
    start, end, want = (r.image[inside].astype(float).mean(0) for r in (before, after, goal))
    assert np.abs(want - start).max() > 8
    assert np.abs(end - want).max() < 0.15 * np.abs(want - start).max()


def test_a_still_face_flickers_less_than_one_level_and_less_than_unsmoothed(unmasker, masked):
    rng = np.random.default_rng(0)
    noisy = [
        np.clip(np.rint(masked + rng.normal(0, 2, masked.shape)), 0, 255).astype(np.uint8)
        for _ in range(12)
    ]
    flicker = {}
    for strength in (0.0, 0.5):
        unmasker.reset()
        unmasker.smoothing = strength
        results = [unmasker(frame, k / 30) for k, frame in enumerate(noisy)][4:]
        inside = np.min([deep_in_the_fill(r) for r in results], axis=0)
        greys = np.stack([cv2.cvtColor(r.image, cv2.COLOR_RGB2GRAY) for r in results])
        flicker[strength] = np.sqrt(greys[:, inside].astype(float).var(0).mean())
    unmasker.smoothing = 0.5
    assert flicker[0.5] < 1
    assert flicker[0.5] < 0.8 * flicker[0.0]
