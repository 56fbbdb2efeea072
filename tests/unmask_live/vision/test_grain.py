from __future__ import annotations

import numpy as np
import pytest

from unmask_live.vision import grain

RNG = np.random.default_rng(3)
HOLE = np.zeros((256, 256), np.float32)
HOLE[110:230, 60:200] = 1


def skin(noise: float) -> np.ndarray:
    """A soft shade with so much noise, levels RMS."""
    shade = np.linspace(150, 190, 256, dtype=np.float32)[:, None, None]
    grainy = shade + RNG.normal(0, noise, (256, 256, 1))
    return np.repeat(np.clip(grainy, 0, 255), 3, axis=2).astype(np.uint8)


def test_smooth_skin_gets_none_and_grainy_skin_the_more_the_grainier():
    found = [grain.missing(skin(noise), HOLE) for noise in (0, 1, 3, 4, 40)]
    assert found[:2] == [0, 0]
    assert 0 < found[2] < found[3] < grain.MOST == found[4]


def test_a_brow_is_no_grain():
    crop = skin(0)
    crop[60:66, 84:172] = 20
    assert grain.missing(crop, HOLE) == 0


def test_a_covered_forehead_tells_nothing():
    assert grain.missing(skin(10), np.ones_like(HOLE)) == 0


def test_what_is_added_is_as_strong_as_said_grey_and_always_the_same():
    flat = np.full((256, 256, 3), 120, np.float32)
    made = grain.add(flat, 2.5)
    assert (made - flat).std() == pytest.approx(2.5, rel=1e-3)
    assert np.ptp(made, axis=2).max() < 1e-4
    assert np.array_equal(made, grain.add(flat, 2.5))
    assert grain.add(flat, 0.0) is flat
