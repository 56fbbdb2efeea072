from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import portrait_faces
import pytest
import torch

from train import appearance, published
from train.data.faces import FaceCrops
from train.evaluate_paper import OURS, TELEA, TRUE_MASK, UNTOUCHED, evaluate, within
from unmask_live.runtime.choose import open_engine


@pytest.fixture(scope="module")
def crops(tmp_path_factory) -> FaceCrops:
    data = portrait_faces.write(tmp_path_factory.mktemp("data"), 2)
    return FaceCrops(data, "test", tmp_path_factory.mktemp("cache"))


@pytest.fixture
def libraries(tmp_path, monkeypatch) -> Path:
    """Stand-ins for libraries whose weights can't be had everywhere; they check what they get."""

    def metric(name: str, pretrained_model_path: str):
        assert Path(pretrained_model_path).is_file()
        return lambda x: x.mean() * (100 if name == "niqe" else 50)

    def distance(**given):
        one, other = given["input1"], given["input2"]
        assert given["fid"] and Path(given["feature_extractor_weights_path"]).is_file()
        assert one[0].dtype == torch.uint8 and one[0].shape == (3, 256, 256)
        apart = [
            float((a.float() - b.float()).abs().mean()) for a, b in zip(one, other, strict=True)
        ]
        return {"frechet_inception_distance": np.mean(apart)}

    monkeypatch.setitem(sys.modules, "pyiqa", SimpleNamespace(create_metric=metric))
    fidelity = SimpleNamespace(calculate_metrics=distance)
    monkeypatch.setitem(sys.modules, "torch_fidelity", fidelity)
    for _, url in appearance.FILES.values():
        (tmp_path / url.rpartition("/")[2]).touch()
    return tmp_path


def test_whole_pictures_beside_the_published_figures(crops, tmp_path):
    said: list[str] = []
    sheet = tmp_path / "sheet.png"
    with open_engine("segmenter") as first, open_engine("inpainter") as second:
        table = evaluate(
            first, second, crops, count=2, sheet=sheet, weights=tmp_path, say=said.append
        )
    assert list(table)[:4] == [OURS, TRUE_MASK, TELEA, UNTOUCHED]
    assert table[OURS]["psnr"] > table[UNTOUCHED]["psnr"]
    assert table[OURS]["hole_psnr"] < table[OURS]["psnr"]
    for kind in ("masked", "from"):
        rows = [r["crops"] for n, r in table.items() if n.startswith(f"{OURS}, {kind} ")]
        assert sum(rows) == 2
    ours = {n: r for n, r in published.WHOLE.items() if n in table}
    assert ours == published.WHOLE and all(n.startswith("published: ") for n in ours)
    assert len(said) == 3 and all("is left out" in reason for reason in said)
    assert not {"fid", "niqe", "brisque"} & set(table[OURS]), "no column without its library"
    assert cv2.imread(str(sheet)).shape == (256, 3 * 4 * 256, 3)


def test_nothing_beyond_the_photograph_counts(crops):
    sample = crops.plain(0)
    assert 0 < sample.valid.mean() < 1
    made = within(255 - sample.image, sample)
    assert np.array_equal(made[~sample.valid], sample.image[~sample.valid])
    assert np.array_equal(made[sample.valid], 255 - sample.image[sample.valid])


def test_with_libraries_and_weights_there_are_columns(crops, libraries):
    said: list[str] = []
    with open_engine("segmenter") as first, open_engine("inpainter") as second:
        table = evaluate(first, second, crops, count=2, weights=libraries, say=said.append)
        assert evaluate(first, second, crops, count=0, weights=libraries, say=said.append) == {}
    assert said == []
    assert {"fid", "niqe", "brisque"} <= set(table[OURS])
    assert table[OURS]["niqe"] == pytest.approx(2 * table[OURS]["brisque"])
    assert 0 < table[OURS]["fid"] < table[UNTOUCHED]["fid"]
    assert "fid" not in table[f"{OURS}, from lfw"], "a distance of sets is told of the whole set"


def test_what_is_missing_is_named_with_its_place(tmp_path, libraries, monkeypatch):
    assert appearance.missing("fid", libraries) is None
    reason = appearance.missing("niqe", tmp_path / "none")
    assert "niqe_modelparameters.mat" in reason and str(tmp_path / "none") in reason
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    assert appearance.missing("fid", libraries).endswith("pip install torch-fidelity")
    some = [np.zeros((256, 256, 3), np.uint8)] * 2
    assert appearance.fid(some, some, libraries) is None


def test_a_distance_of_too_few_pictures_is_none(libraries):
    one = [np.zeros((256, 256, 3), np.uint8)]
    assert appearance.fid(one, one, libraries) is None
    assert appearance.fid(one * 2, one * 2, libraries) == 0
