from __future__ import annotations

import numpy as np
import pytest

from unmask_live.types import Face
from unmask_live.video.badge import Badge, add_badge

BLANK = np.zeros((256, 256), np.float32)


def face(*box: float) -> Face:
    points, transform = np.zeros((5, 2), np.float32), np.zeros((2, 3), np.float32)
    return Face(box, points, 1.0, 1, True, BLANK, transform)


def noise(width: int, height: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def where(before: np.ndarray, after: np.ndarray) -> tuple[int, int, int, int]:
    """The rectangle (x0, y0, x1, y1) that was painted into."""
    ys, xs = np.nonzero((before != after).any(axis=2))
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


@pytest.mark.parametrize(
    "size", [(320, 240), (1280, 720), (720, 1280), (3840, 2160), (90, 60), (33, 17)]
)
def test_lies_bottom_left_in_proportion_and_touches_only_its_own_place(
    size: tuple[int, int],
) -> None:
    width, height = size
    image = noise(width, height)
    before = image.copy()
    after = add_badge(image)
    np.testing.assert_array_equal(image, before)
    x0, y0, x1, y1 = where(image, after)
    assert x0 < width / 10
    assert y1 > height * 0.85
    if min(size) >= 240:
        assert x1 < 0.7 * width
        assert 18 <= y1 - y0 <= max(19, 0.05 * min(size))


@pytest.mark.parametrize("level", [0, 90, 160, 255])
def test_light_letters_stand_out_on_any_background(level: int) -> None:
    image = np.full((720, 1280, 3), level, np.uint8)
    x0, y0, x1, y1 = where(image, add_badge(image)) if level else (15, 675, 207, 705)
    part = add_badge(image)[y0:y1, x0:x1].astype(float)
    letters, paper = np.percentile(part, 97), np.median(part)
    assert letters > 225
    assert letters - paper > 120


def test_what_it_says_is_what_is_drawn() -> None:
    image = np.zeros((720, 1280, 3), np.uint8)
    long, short = add_badge(image, text="AI-reconstructed"), add_badge(image, text="AI")
    assert where(image, long)[2] > 2 * where(image, short)[2]


def test_keeps_off_faces_corner_by_corner() -> None:
    image = noise(1280, 720)
    blocks = [face(0, 600, 300, 720), face(1000, 600, 1280, 720), face(0, 0, 300, 100)]
    corners = []
    for count in range(4):
        x0, y0, _, _ = where(image, add_badge(image, blocks[:count]))
        corners.append((x0 > 640, y0 < 360))
    assert corners == [(False, False), (True, False), (False, True), (True, True)]
    everywhere = [face(0, 0, 1280, 720)]
    x0, y0, _, _ = where(image, add_badge(image, everywhere))
    assert (x0 > 640, y0 < 360) == (False, False)


def test_stays_in_its_corner_while_it_is_free() -> None:
    badge, image = Badge(), noise(1280, 720)
    blocked = face(0, 600, 300, 720)
    seen = []
    for faces in ([], [blocked], [], [face(1000, 600, 1280, 720)], []):
        x0 = where(image, badge(image, faces))[0]
        seen.append("right" if x0 > 640 else "left")
    assert seen == ["left", "right", "right", "left", "left"]


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (640, 1), (3, 400)])
def test_no_room_at_all(size: tuple[int, int]) -> None:
    image = noise(*size)
    after = add_badge(image)
    np.testing.assert_array_equal(after, image)
    assert after is not image
