from __future__ import annotations

import numpy as np
import pytest

from unmask_live.vision import balance
from unmask_live.vision.inpaint import Inpainter

HOLE = np.zeros((256, 256), np.float32)
HOLE[112:230, 60:200] = 1
USUAL = np.array([200, 152, 130])
PINK = np.array([200, 150, 165])


def face(skin: np.ndarray) -> np.ndarray:
    """Skin down to a green mask, dark hair over half of the forehead."""
    crop = np.full((256, 256, 3), skin, np.uint8)
    crop[20:45, 60:150] = (30, 25, 25)
    crop[HOLE > 0] = (40, 160, 60)
    return crop


def test_usual_skin_is_left_alone():
    assert np.array_equal(balance.gains(face(USUAL), HOLE), np.ones(3, np.float32))


def test_unusual_skin_becomes_usual_whatever_the_mask_and_the_hair():
    gains = balance.gains(face(PINK), HOLE)
    red, green, blue = PINK * gains
    assert gains[1] == 1 and gains[2] < 1
    assert blue / green == pytest.approx(balance.USUAL[1][1], abs=0.01)
    assert balance.USUAL[0][0] - 0.01 <= red / green <= balance.USUAL[0][1] + 0.01


def test_no_more_is_undone_than_light_does():
    gains = balance.gains(face(np.array([60, 220, 60])), HOLE)
    assert gains.max() == pytest.approx(balance.MOST) and gains.min() >= 1 / balance.MOST - 1e-6


@pytest.mark.parametrize("skin", [(250, 238, 232), (246, 232, 214), (240, 240, 200)])
def test_light_skin_is_not_cut_off(skin: tuple[int, int, int]) -> None:
    """What the network sees must be of one hue: red that stops at 255 is green once put back."""
    gains = balance.gains(face(np.array(skin)), HOLE)
    red, green, blue = np.array(skin) * gains
    assert max(red, green, blue) <= 250.5
    assert red / green == pytest.approx(balance.USUAL[0][0], abs=0.01) or gains[0] == 1
    assert gains.min() >= 1 / balance.MOST**2


def test_where_no_skin_shows_nothing_is_told():
    assert (balance.gains(face(PINK), np.ones_like(HOLE)) == 1).all()
    assert (balance.gains(np.full((256, 256, 3), 255, np.uint8), HOLE) == 1).all()


def test_it_follows_slowly_and_by_the_clock():
    light = balance.Balance()
    first = light(face(PINK), HOLE, 0.0)
    assert np.array_equal(light(face(USUAL), HOLE, 0.0), first)
    later = light(face(USUAL), HOLE, balance.SETTLE_SECONDS)
    assert later[2] == pytest.approx(1 + (first[2] - 1) * np.exp(-1), abs=1e-4)


def test_the_network_sees_usual_skin_and_the_fill_gets_the_cast_back():
    seen = []

    class Mirror:
        batch = 1

        def __call__(self, image: np.ndarray, matte: np.ndarray) -> dict[str, np.ndarray]:
            seen.append(image.copy())
            return {"image_out": image}

    crop = face(PINK)
    filled = Inpainter(Mirror())(crop, HOLE)
    red, green, blue = seen[0][0, :, 60, 128] * 255
    assert blue / green == pytest.approx(balance.USUAL[1][1], abs=0.01)
    assert np.allclose(filled[HOLE == 0], crop[HOLE == 0], atol=0.01)
    assert filled[HOLE > 0].max() == 0
    assert red == pytest.approx(PINK[0], abs=0.01)
