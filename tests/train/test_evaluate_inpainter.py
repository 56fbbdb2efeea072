from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import portrait_faces
import pytest

from train.data.faces import FaceCrops
from train.evaluate_inpainter import evaluate, measure
from train.lights import LIGHTS
from train.ways import composite
from unmask_live.runtime.choose import open_engine


@pytest.fixture(scope="module")
def crops(tmp_path_factory) -> FaceCrops:
    data = portrait_faces.write(tmp_path_factory.mktemp("data"), 2)
    return FaceCrops(data, "test", tmp_path_factory.mktemp("cache"))


@pytest.fixture
def truth():
    return np.random.default_rng(0).integers(0, 200, (32, 32, 3)).astype(np.uint8)


@pytest.fixture
def quarter():
    inside = np.zeros((32, 32), bool)
    inside[8:24, 8:24] = True
    return inside


def test_a_perfect_filling(truth, quarter):
    assert measure(truth, truth, quarter) == pytest.approx(
        {
            "psnr": float("inf"),
            "ssim": 1,
            "l1": 0,
            "hole_psnr": float("inf"),
            "hole_ssim": 1,
            "hole_l1": 0,
            "sharpness": 1,
        }
    )


def test_an_error_in_the_hole_is_four_times_as_large_there(truth, quarter):
    made = truth.copy()
    made[quarter] += 51  # 0.2 of the range
    row = measure(made, truth, quarter)
    assert row["l1"] == pytest.approx(0.05)
    assert row["hole_l1"] == pytest.approx(0.2)
    assert row["psnr"] == pytest.approx(20)
    assert row["hole_psnr"] == pytest.approx(13.979, abs=1e-3)
    assert row["hole_ssim"] < row["ssim"] < 1


def test_ssim_of_two_greys_is_their_luminance_term():
    made, truth = (np.full((16, 16, 3), v, np.uint8) for v in (102, 153))
    expected = (2 * 0.4 * 0.6 + 0.01**2) / (0.4**2 + 0.6**2 + 0.01**2)
    row = measure(made, truth, np.ones((16, 16), bool))
    assert [row["ssim"], row["hole_ssim"]] == pytest.approx([expected, expected])


def test_what_lies_outside_an_empty_hole_does_not_count_in_it(truth):
    row = measure(truth + 10, truth, np.zeros((32, 32), bool))
    assert row["psnr"] < 30
    assert (row["hole_psnr"], row["hole_ssim"], row["hole_l1"]) == (float("inf"), 1, 0)


def test_a_composite_keeps_every_pixel_outside_the_hole(truth, quarter):
    made = composite(truth, np.full(truth.shape, 300.0), quarter.astype(np.float32))
    assert (made[~quarter] == truth[~quarter]).all()
    assert (made[quarter] == 255).all()


def test_the_shipped_engine_beside_the_classical_ones(crops, tmp_path):
    sheet = tmp_path / "sheet.png"
    with open_engine("inpainter") as engine:
        table = evaluate(engine, crops, count=2, sheet=sheet)
    for name in ("ours", "telea", "navier-stokes"):
        row = table[name]
        assert row["crops"] == 2
        assert row["hole_psnr"] < row["psnr"]
        assert row["hole_ssim"] < row["ssim"]
        assert table[f"{name}, from lfw"] == row
        bins = [r["crops"] for n, r in table.items() if n.startswith(f"{name}, masked")]
        assert sum(bins) == 2
    for light in LIGHTS:
        assert table[f"ours, {light}"]["crops"] == 1
        assert abs(table[f"ours, {light}"]["psnr"] - table["ours"]["psnr"]) < 6
    shown = table["ours, as shown"]
    assert shown["sharpness"] > table["ours"]["sharpness"], "contours are raised and grain is added"
    assert abs(shown["psnr"] - table["ours"]["psnr"]) < 1
    assert table["ours against telea"] == pytest.approx(
        {
            "psnr_over": table["ours"]["psnr"] - table["telea"]["psnr"],
            "hole_l1_share": table["ours"]["hole_l1"] / table["telea"]["hole_l1"],
        }
    )
    assert table["ours against telea"]["hole_l1_share"] < 1
    assert cv2.imread(str(sheet)).shape == (256, 4 * 3 * 256, 3)


def test_crops_without_anything_to_fill_are_left_out(crops, monkeypatch):
    whole = crops.plain(0)
    beyond = replace(whole, valid=np.zeros_like(whole.valid))
    monkeypatch.setattr(crops, "plain", lambda index: beyond if index else whole)
    with open_engine("inpainter") as engine:
        assert evaluate(engine, crops, count=2)["ours"]["crops"] == 1
        assert evaluate(engine, crops, count=0) == {}
