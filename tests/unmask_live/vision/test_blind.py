from __future__ import annotations

import cv2
import numpy as np
import pytest

from unmask_live.vision.align import EYES
from unmask_live.vision.blind import CHANGED, BlindInpainter, Difference, changed, inpainter_on
from unmask_live.vision.inpaint import Inpainter

ONES = np.ones(3, np.float32)
SKIN = (200, 150, 130)


class Engine:
    """Paints what is blue in the colour of skin; told of no mask."""

    name, backend, batch = "painter", "numpy", 1
    inputs = {"image": (1, 3, 256, 256)}  # noqa: RUF012
    outputs = {"image_out": (1, 3, 256, 256)}  # noqa: RUF012

    def __init__(self) -> None:
        self.seen: list[np.ndarray] = []

    def __call__(self, *, image: np.ndarray) -> dict[str, np.ndarray]:
        self.seen.append(image.copy())
        blue = image[:, 2:] > image[:, :1] + 0.2
        skin = np.array(SKIN, np.float32).reshape(1, 3, 1, 1) / 255
        return {"image_out": np.where(blue, skin, image)}

    def close(self) -> None: ...


def face(*masks: tuple[slice, slice]) -> np.ndarray:
    """A crop of skin with blue where the masks are."""
    crop = np.full((256, 256, 3), SKIN, np.uint8)
    for mask in masks:
        crop[mask] = (60, 90, 200)
    return crop


WORN = slice(120, 220), slice(70, 190)


def test_it_sees_the_whole_crop_and_fills_what_it_takes_for_mask() -> None:
    engine = Engine()
    crop, hole = face(WORN), np.zeros((256, 256), np.float32)
    hole[WORN] = 1
    made = inpainter_on(engine)(crop, hole, ONES)
    assert np.allclose(engine.seen[0][0].transpose(1, 2, 0) * 255, crop, atol=1e-3)
    assert made.shape == (256, 256, 3) and made.dtype == np.float32
    assert np.allclose(made, SKIN, atol=0.01)


def test_the_light_is_balanced_for_it_and_put_back() -> None:
    engine = Engine()
    light = np.array([0.8, 1.0, 1.2], np.float32)
    made = BlindInpainter(engine)(face(), np.zeros((256, 256), np.float32), light)
    assert np.allclose(engine.seen[0][0, :, 0, 0] * 255, np.array(SKIN) * light, atol=0.01)
    assert np.allclose(made, SKIN, atol=0.01)


def test_what_kind_it_is_is_told_by_what_the_engine_takes() -> None:
    blind, told = Engine(), Engine()
    told.inputs = {"image": (1, 3, 256, 256), "matte": (1, 1, 256, 256)}
    assert isinstance(inpainter_on(blind), BlindInpainter)
    assert type(inpainter_on(told)) is Inpainter


def test_its_difference_is_where_the_mask_is() -> None:
    bared = Difference(BlindInpainter(Engine()))(face(WORN), ONES)
    assert bared.matte.dtype == np.float32 and 0 <= bared.matte.min() <= bared.matte.max() <= 1
    worn = np.zeros((256, 256), bool)
    worn[WORN] = True
    assert (bared.matte > 0.5)[worn].all()
    assert not (bared.matte > 0)[
        ~cv2.dilate(worn.astype(np.uint8), np.ones((25, 25))).astype(bool)
    ].any()
    assert np.allclose(bared.filled, SKIN, atol=0.01)


def test_a_bare_face_is_no_mask() -> None:
    assert Difference(BlindInpainter(Engine()))(face(), ONES).matte.max() == 0


def test_what_is_cut_off_by_the_balance_of_light_is_no_change() -> None:
    """White, which the balanced crop cannot hold, comes out darker than it went in."""
    crop = face()
    crop[130:200, 80:180] = 255
    light = np.array([1.3, 1.0, 1.0], np.float32)
    assert Difference(BlindInpainter(Engine()))(crop, light).matte.max() == 0


def test_fine_texture_that_is_lost_is_no_change() -> None:
    noise = np.random.default_rng(0).normal(0, 25, (256, 256, 3)).astype(np.float32)
    assert np.abs(noise).max() > 4 * CHANGED
    assert changed(noise).max() == 0
    assert changed(np.zeros((256, 256, 3), np.float32)).max() == 0


@pytest.mark.parametrize("level", [CHANGED + 2, -CHANGED - 2])
def test_any_colour_lighter_or_darker_counts(level: float) -> None:
    for channel in range(3):
        difference = np.zeros((256, 256, 3), np.float32)
        difference[120:220, 70:190, channel] = level
        assert (changed(difference) > 0.5)[130:210, 80:180].all()


def test_only_the_largest_part_is_taken_and_its_gaps_are_closed() -> None:
    difference = np.zeros((256, 256, 3), np.float32)
    difference[WORN] = 90
    difference[165:170, 90:170] = 0  # a stripe of the skin's colour
    difference[140:150, 100:140] = 0  # a print that is wholly inside
    difference[225:250, 5:45] = 90  # something else below
    matte = changed(difference)
    assert (matte > 0.5)[125:215, 75:185].all()
    assert matte[222:, :50].max() == 0


def test_a_network_that_changes_everything_has_seen_no_mask() -> None:
    assert changed(np.full((256, 256, 3), 90, np.float32)).max() == 0
    most = np.zeros((256, 256, 3), np.float32)
    most[128:] = 90  # a scarf over all below the nose
    assert (changed(most) > 0.5).mean() > 0.45


def test_what_lies_wholly_above_the_eyes_is_no_mask() -> None:
    difference = np.zeros((256, 256, 3), np.float32)
    difference[: int(EYES[1]) - 30] = 90  # the hair, larger than the mask
    assert changed(difference).max() == 0
    difference[150:200, 90:170] = 90
    matte = changed(difference)
    assert (matte > 0.5)[155:195, 95:165].all() and matte[:60].max() == 0
