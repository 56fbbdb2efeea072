from __future__ import annotations

import json
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from train.evaluate_real import best_match, evaluate
from unmask_live import Unmasker
from unmask_live.runtime.choose import open_engine
from unmask_live.types import Face

CLIP = Path(__file__).parents[2] / "assets" / "demo.mp4"
BARE, SURGICAL = 10, 70
"""Frames of the clip that show these."""
FACE = [430, 200, 660, 470]
"""About where the face is in both."""


def face(box, track_id=1) -> Face:
    matte = np.zeros((256, 256), np.float32)
    return Face(box, np.zeros((5, 2), np.float32), 0.9, track_id, False, matte, matte[:2, :3])


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Two frames of the demo clip: the face bare, and with a surgical mask."""
    folder = tmp_path_factory.mktemp("masked")
    with av.open(str(CLIP)) as clip:
        for index, frame in enumerate(clip.decode(video=0)):
            if index in (BARE, SURGICAL):
                cv2.imwrite(str(folder / f"{index}.png"), frame.to_ndarray(format="bgr24"))
            if index == SURGICAL:
                break
    return folder


def label(folder: Path, *pictures: tuple[int, list[tuple[list[float], str]]]) -> None:
    listed = [
        {"file": f"{index}.png", "faces": [{"box": box, "label": what} for box, what in faces]}
        for index, faces in pictures
    ]
    (folder / "boxes.json").write_text(json.dumps(listed))


def measured(folder: Path, sheet: Path | None = None, count: int = 9) -> dict[str, float]:
    with Unmasker() as unmasker, open_engine("segmenter") as second:
        return evaluate(folder, unmasker, second, count=count, sheet=sheet)


def test_found_seen_and_taken_off(folder, tmp_path):
    sheet = tmp_path / "sheet.png"
    elsewhere = [900, 400, 1200, 700]
    label(
        folder,
        (SURGICAL, [(FACE, "masked"), ([0, 0, 60, 60], "bare")]),
        (BARE, [(FACE, "masked")]),  # found, and no mask to see
        (SURGICAL, [(elsewhere, "masked")]),  # the face that is there is not the labelled one
    )
    assert measured(folder, sheet) == pytest.approx(
        {
            "photographs": 3,
            "face found": 2 / 3,
            "mask seen": 1 / 3,
            "nothing of it seen again": 1 / 3,
        }
    )
    picture = cv2.imread(str(sheet))
    assert picture.shape == (256, 4 * 3 * 256, 3)
    assert picture[:, 6 * 256 : 7 * 256].any()  # the one that was missed is shown too
    assert not picture[:, 7 * 256 : 9 * 256].any()


def test_photographs_whose_largest_face_is_bare_or_small_take_no_part(folder):
    label(
        folder,
        (BARE, [(FACE, "bare"), ([0, 0, 60, 60], "masked")]),
        (SURGICAL, [([0, 0, 40, 60], "masked")]),
        (SURGICAL, []),
    )
    assert measured(folder) == {
        "photographs": 0,
        "face found": 0,
        "mask seen": 0,
        "nothing of it seen again": 0,
    }


def test_a_photograph_that_is_missing_is_named(folder):
    label(folder, (999, [(FACE, "masked")]))
    with pytest.raises(FileNotFoundError, match="999"):
        measured(folder)


def test_the_face_that_fits_best_is_chosen_not_the_largest():
    box = [100, 100, 200, 200]
    near, nearer = face((120, 100, 220, 200)), face((105, 100, 205, 200))
    large = face((300, 0, 900, 600))
    assert best_match([large, near, nearer], box) is nearer
    assert best_match([large], box) is None
    assert best_match([], box) is None


@pytest.mark.parametrize(
    ("found", "same"),
    [
        ((140, 100, 240, 200), True),  # IoU 60/140
        ((155, 100, 255, 200), False),  # IoU 45/155 and the centre outside
        ((60, 40, 210, 190), True),  # centre inside, area 2.25 times
        ((0, 0, 300, 300), False),  # centre inside, area 9 times
        ((140, 140, 160, 160), False),  # centre inside, area 1/25
    ],
)
def test_what_counts_as_the_labelled_face(found, same):
    assert (best_match([face(found)], [100, 100, 200, 200]) is not None) == same
