from __future__ import annotations

import numpy as np
import pytest

from train.lights import LIGHTS, pale, tinted

SKIN = np.full((4, 4, 3), (200, 152, 130), np.uint8)


def test_a_coloured_lamp_dims_the_other_colours():
    assert tinted(1, 0.5, 0.75)(SKIN)[0, 0].tolist() == [200, 76, 98]


def test_pale_skin_is_nearly_white_and_has_less_of_a_hue():
    red, green, blue = pale(SKIN)[0, 0].astype(float)
    assert red > 235 and red / green < 200 / 152 and blue / green > 130 / 152


@pytest.mark.parametrize("name", LIGHTS)
def test_black_stays_dark_and_white_is_not_beyond_white(name):
    light = LIGHTS[name]
    assert light(np.zeros_like(SKIN)).max() < 20
    white = light(np.full_like(SKIN, 255))
    assert white.dtype == np.uint8 and white.max() == 255
