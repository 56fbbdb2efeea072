from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import portrait_faces
import pytest

from train import evaluate_inpainter
from train.data.faces import FaceCrops
from train.recipes import raunet
from train.table_measure import ALL, figures, frame, milliseconds
from train.torch_engine import TorchEngine
from train.ways import by_engine, by_opencv
from unmask_live.runtime.choose import open_engine


@pytest.fixture(scope="module")
def crops(tmp_path_factory) -> FaceCrops:
    data = portrait_faces.write(tmp_path_factory.mktemp("data"), 2)
    return FaceCrops(data, "test", tmp_path_factory.mktemp("cache"))


def test_figures_are_those_of_the_inpainters_evaluation(crops):
    with open_engine("inpainter") as engine:
        wanted = evaluate_inpainter.evaluate(engine, crops, count=2)
        ours, shown = figures(by_engine(engine), crops, 2)
    telea, _ = figures(by_opencv(cv2.INPAINT_TELEA), crops, 2)
    for groups, name in ((ours, "ours"), (telea, "telea")):
        for group, row in groups.items():
            other = wanted[name if group == ALL else f"{name}, {group}"]
            assert {k: row[k] for k in other} == pytest.approx(other)
    assert len(shown) == 2 and shown[0].dtype == np.uint8


def test_a_blind_network_sees_the_mask_and_is_judged_in_the_hole(crops):
    with TorchEngine("raunet", raunet.network(raunet.Config(width=2.0))) as engine:
        fill = by_engine(engine)
        sample = crops.plain(0)
        cover = np.zeros((256, 256), np.float32)
        cover[100:200, 80:160] = 1
        made = fill(sample, cover, 0)
        groups, _ = figures(fill, crops, 2)
    assert np.array_equal(made[cover == 0], sample.image[cover == 0])
    assert not np.array_equal(made[cover > 0], sample.image[cover > 0])
    assert groups[ALL]["crops"] == 2 and groups[ALL]["hole_psnr"] < groups[ALL]["psnr"]


def test_the_grid_is_framed_by_masked_and_true_faces(crops):
    masked, true = frame(crops, 2)
    assert len(masked) == len(true) == 2
    assert np.array_equal(true[0], crops.plain(0).image)
    assert (masked[0] != true[0]).any()


def test_milliseconds_are_of_the_exported_network():
    assert 0 < milliseconds("raunet", raunet.network(raunet.Config(width=1.0))) < 10_000


def test_no_crops_no_figures(crops: FaceCrops, tmp_path: Path):
    assert figures(by_opencv(0), crops, 0) == ({}, [])
