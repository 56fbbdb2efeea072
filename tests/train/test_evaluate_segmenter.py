from __future__ import annotations

import cv2
import numpy as np
import portrait_faces
import pytest

from train.data.faces import FaceCrops
from train.data.spread import spread
from train.evaluate_segmenter import evaluate, scores
from unmask_live.runtime.choose import open_engine


@pytest.fixture(scope="module")
def crops(tmp_path_factory) -> FaceCrops:
    data = portrait_faces.write(tmp_path_factory.mktemp("data"), 3)
    return FaceCrops(data, "test", tmp_path_factory.mktemp("cache"))


def test_scores_worked_out_by_hand():
    made, truth = np.array([[1, 1, 0, 0]], bool), np.array([[0, 1, 1, 0]], bool)
    assert scores(made, truth) == pytest.approx({"iou": 1 / 3, "dice": 0.5, "accuracy": 0.5})
    assert scores(made, made) == {"iou": 1, "dice": 1, "accuracy": 1}
    assert scores(made, ~made) == {"iou": 0, "dice": 0, "accuracy": 0}


def test_two_empty_mattes_agree_and_an_invented_one_does_not():
    none = np.zeros((4, 4), bool)
    one = none.copy()
    one[0, 0] = True
    assert scores(none, none) == {"iou": 1, "dice": 1, "accuracy": 1}
    assert scores(one, none) == {"iou": 0, "dice": 0, "accuracy": 15 / 16}


def test_crops_are_spread_from_the_first_to_the_last(crops):
    assert [i for i, _ in spread(crops, 2)] == [0, 2]
    assert [i for i, _ in spread(crops, 99)] == [0, 1, 2]
    assert list(spread(crops, 0)) == []


def test_the_shipped_engine_on_painted_masks(crops, tmp_path):
    sheet = tmp_path / "sheet.png"
    with open_engine("segmenter") as engine:
        table = evaluate(engine, crops, count=2, sheet=sheet)
    for family in ("train", "heldout"):
        assert table[family]["crops"] == 2
        assert table[family]["iou"] > 0.5
        kinds = [row["crops"] for name, row in table.items() if name.startswith(f"{family} ")]
        assert sum(kinds) == 2
        assert table[f"{family}, through a poor camera"]["crops"] == 2
    assert table["bare"] == {"taken for masked": 0, "crops": 2}
    assert cv2.imread(str(sheet)).shape == (256, 4 * 3 * 256, 3)
