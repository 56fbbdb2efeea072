from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import PATIENCE, pixel

from unmask_live.app import raster
from unmask_live.app.overlays import TINT
from unmask_live.app.picture import Picture
from unmask_live.app.signs import Sign
from unmask_live.app.theme import DARK
from unmask_live.types import Face

RED, BLUE = (200, 10, 10), (10, 10, 200)


def plain(colour: tuple[int, int, int], width: int = 160, height: int = 90) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)


@pytest.fixture
def picture(qtbot: QtBot) -> Picture:
    made = Picture()
    qtbot.addWidget(made)
    made.resize(640, 480)
    made.show()
    made.show_frame(plain(RED), plain(BLUE))
    return made


def point(picture: Picture, share: float, down: float = 0.4) -> QPoint:
    area = picture.place()
    return QPoint(round(area.x() + share * area.width()), round(area.y() + down * area.height()))


def seen(picture: Picture, share: float, down: float = 0.4) -> tuple[int, int, int]:
    at = point(picture, share, down)
    return pixel(picture, at.x(), at.y())


@pytest.mark.parametrize(
    ("frame", "room", "place"),
    [
        ((1280, 720), (640, 480), (0, 60, 640, 360)),
        ((720, 1280), (640, 480), (185, 0, 270, 480)),
        ((100, 100), (100, 100), (0, 0, 100, 100)),
        ((4000, 1), (100, 100), (0, 49, 100, 1)),
        ((0, 0), (100, 80), (50, 40, 0, 0)),
        ((64, 48), (0, 0), (0, 0, 0, 0)),
    ],
)
def test_a_frame_fits_its_room_with_its_shape_kept(
    frame: tuple[int, int], room: tuple[int, int], place: tuple[int, int, int, int]
) -> None:
    fitted = raster.fit(frame, room)
    assert (fitted.x, fitted.y, fitted.width, fitted.height) == place


@pytest.mark.parametrize(("width", "below"), [(1000, False), (420, True)])
def test_signs_stand_at_the_top_beside_the_labels_or_below_them(
    picture: Picture, width: int, below: bool
) -> None:
    picture.resize(width, 480)
    bare = picture.grab().toImage()
    picture.signs = (Sign("REC 00:01", "#ff0000"), Sign("Virtual camera", "#00ff00"))
    drawn = picture.grab().toImage()
    rows = [
        y
        for y in range(drawn.height())
        if any(drawn.pixel(x, y) != bare.pixel(x, y) for x in range(drawn.width()))
    ]
    top = picture.place().top()
    assert rows and (rows[0] > top + 34) is below
    picture.signs = ()
    assert picture.grab().toImage() == bare


def test_a_picture_is_made_once_for_each_frame_wipe_and_size() -> None:
    composed, red, blue = raster.Composed(), plain(RED), plain(BLUE)
    first = composed(red, blue, 80, 80, 45)
    assert first.shape == (45, 80, 3)
    assert first[20, 10].tolist() == list(RED)
    assert first[20, 70].tolist() == list(BLUE)
    assert composed(red, blue, 80, 80, 45) is first
    assert composed(red, blue, 40, 80, 45)[20, 30].tolist() == list(BLUE)
    assert composed(red, blue, 40, 90, 50).shape == (50, 90, 3)
    assert composed(blue, red, 40, 90, 50)[20, 10].tolist() == list(BLUE)


@pytest.mark.parametrize("size", [(160, 90), (300, 170), (61, 33), (1, 1)])
def test_scaling_keeps_the_mean_and_the_input(size: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 256, (90, 160, 3), np.uint8)
    kept = image.copy()
    made = raster.scaled(image, *size)
    assert made.shape == (size[1], size[0], 3)
    assert made.flags.c_contiguous
    assert made.mean() == pytest.approx(image.mean(), abs=3)
    assert (image == kept).all()


@pytest.mark.parametrize(("column", "red"), [(-3, 0), (0, 0), (4, 4), (10, 10), (99, 10)])
def test_the_wipe_takes_before_from_the_left(column: int, red: int) -> None:
    before, after = plain(RED, 10, 2), plain(BLUE, 10, 2)
    mixed = raster.wiped(before, after, column)
    assert (mixed == np.array(RED)).all(axis=2).sum() == 2 * red
    assert (after == np.array(BLUE)).all()


def test_nothing_is_drawn_but_the_stage_without_a_frame(picture: Picture) -> None:
    picture.clear()
    assert seen_stage(picture)
    assert picture.place().isEmpty()


def seen_stage(picture: Picture) -> bool:
    return "#{:02x}{:02x}{:02x}".format(*pixel(picture, 320, 240)) == DARK.stage


def test_before_is_left_of_the_wipe_and_after_right_of_it(picture: Picture) -> None:
    assert seen(picture, 0.3) == RED
    assert seen(picture, 0.7) == BLUE
    assert "#{:02x}{:02x}{:02x}".format(*pixel(picture, 320, 5)) == DARK.stage


def test_the_wipe_is_dragged_by_its_line(picture: Picture, qtbot: QtBot) -> None:
    moves: list[float] = []
    picture.wipe_moved.connect(moves.append)
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(picture, left, pos=point(picture, 0.5))
    QTest.mouseMove(picture, point(picture, 0.4))
    QTest.mouseMove(picture, point(picture, 0.2))
    QTest.mouseRelease(picture, left, pos=point(picture, 0.2))
    assert picture.wipe == pytest.approx(0.2, abs=0.01)
    assert moves[-1] == picture.wipe
    assert seen(picture, 0.3) == BLUE
    assert seen(picture, 0.1) == RED
    QTest.mouseMove(picture, point(picture, 0.9))
    assert picture.wipe == pytest.approx(0.2, abs=0.01)


def test_dragging_beyond_the_edge_stops_there(picture: Picture) -> None:
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(picture, left, pos=point(picture, 0.5))
    QTest.mouseMove(picture, point(picture, 1.4))
    QTest.mouseRelease(picture, left, pos=point(picture, 1.4))
    assert picture.wipe == 1.0
    assert seen(picture, 0.95) == RED


def test_a_press_without_a_drag_shows_the_original_until_let_go(
    picture: Picture, qtbot: QtBot
) -> None:
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(picture, left, pos=point(picture, 0.8))
    qtbot.waitUntil(lambda: picture.comparing, timeout=PATIENCE)
    assert seen(picture, 0.7) == RED
    QTest.mouseRelease(picture, left, pos=point(picture, 0.8))
    assert not picture.comparing
    assert seen(picture, 0.7) == BLUE


def test_space_shows_the_original_while_it_is_held(picture: Picture) -> None:
    QTest.keyPress(picture, Qt.Key.Key_Space)
    assert seen(picture, 0.7) == RED
    QTest.keyRelease(picture, Qt.Key.Key_Space)
    assert seen(picture, 0.7) == BLUE


def test_the_original_does_not_stay_when_the_focus_goes(picture: Picture) -> None:
    picture.compare(True)
    picture.focusOutEvent(None)
    assert not picture.comparing


@pytest.mark.parametrize(
    ("key", "modifier", "share"),
    [
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 0.49),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier, 0.6),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0.0),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, 1.0),
    ],
)
def test_keys_move_the_wipe(
    picture: Picture, key: Qt.Key, modifier: Qt.KeyboardModifier, share: float
) -> None:
    QTest.keyClick(picture, key, modifier)
    assert picture.wipe == pytest.approx(share)


def test_without_a_wipe_all_is_after_and_keys_do_nothing(picture: Picture) -> None:
    picture.wipe_on = False
    QTest.keyClick(picture, Qt.Key.Key_Home)
    assert picture.wipe == 0.5
    assert seen(picture, 0.1) == seen(picture, 0.9) == BLUE


def test_a_double_click_asks_for_the_full_screen(picture: Picture, qtbot: QtBot) -> None:
    with qtbot.waitSignal(picture.full_screen_wanted, timeout=PATIENCE):
        QTest.mouseDClick(picture, Qt.MouseButton.LeftButton, pos=point(picture, 0.8))


def test_a_lost_picture_is_dimmed(picture: Picture) -> None:
    picture.dimmed = True
    assert max(seen(picture, 0.7)) < 120


def test_overlays_are_drawn_over_the_frame_and_never_into_it(picture: Picture) -> None:
    before, after = plain(RED), plain(BLUE)
    matte = np.zeros((256, 256), np.float32)
    matte[96:160, 96:160] = 1
    transform = np.array([[2, 0, 0], [0, 2, 0]], np.float32)  # crop (128, 128) is frame (64, 64)
    points = np.array([[50, 40], [70, 40], [60, 50], [52, 60], [68, 60]], np.float32)
    face = Face((40, 30, 90, 80), points, 0.9, 7, True, matte, transform)
    picture.wipe_on = False
    picture.show_frame(before, after, (face,))
    plain_view = picture.grab().toImage()
    picture.mattes = True
    inside = seen(picture, 64 / 160, 64 / 90)
    assert inside[0] == pytest.approx((TINT[0] + BLUE[0]) / 2, abs=3)
    assert seen(picture, 20 / 160, 64 / 90) == BLUE
    picture.mattes, picture.boxes = False, True
    assert picture.grab().toImage() != plain_view
    assert (after == np.array(BLUE)).all()
    assert (before == np.array(RED)).all()


@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (500, 3), (31, 17)])
def test_odd_frames_are_drawn(picture: Picture, shape: tuple[int, int]) -> None:
    picture.show_frame(plain(RED, *shape), plain(BLUE, *shape))
    assert not picture.grab().isNull()
    picture.show_frame(plain(RED, 0, 0), plain(BLUE, 0, 0))
    assert seen_stage(picture)
