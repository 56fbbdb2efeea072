from __future__ import annotations

import json
from pathlib import Path

import portrait_faces
import pytest
import torch

from train import ablation, published


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return portrait_faces.write(tmp_path_factory.mktemp("data"), 2)


def words(data: Path, out: Path, *more: str) -> list[str]:
    small = ["width=4", "batch=2", "workers=0", "perceptual=0", "style=0", "adversarial=0"]
    command = ["--data", str(data), "--out", str(out), "--count", "2", *more]
    return [*command, "--set", *small, f"cache={data / 'cache'}"]


def test_three_trainings_of_one_length_side_by_side(data, tmp_path, capsys):
    ablation.main(words(data, tmp_path, "--steps", "2"))
    table = json.loads((tmp_path / "ablation.json").read_text())
    assert list(table) == [*ablation.VARIANTS, *published.ABLATIONS]
    ours = [table[name] for name in ablation.VARIANTS]
    assert ours[0]["parameters"] == ours[1]["parameters"] < ours[2]["parameters"]
    assert len({row["psnr"] for row in ours}) == 3
    page = (tmp_path / "ablation.md").read_text()
    assert "2 steps of 2 pictures (4 in all), seed 0, width 4" in page
    assert "published: full supervision" in page
    stored = [
        torch.load(ablation.folder(tmp_path, name) / "last.pt", weights_only=True)["state"]
        for name in ablation.VARIANTS
    ]
    assert [s["step"] for s in stored] == [2, 2, 2]
    before = (ablation.folder(tmp_path, "without CSAM (table 3)") / "last.pt").stat().st_mtime_ns
    capsys.readouterr()
    ablation.main(words(data, tmp_path, "--steps", "2"))  # again: nothing is trained twice
    after = ablation.folder(tmp_path, "without CSAM (table 3)") / "last.pt"
    assert after.stat().st_mtime_ns == before
    assert json.loads((tmp_path / "ablation.json").read_text()) == table


@pytest.mark.parametrize("wrong", ["supervision=full", "attention=conv", "widht=3"])
def test_what_would_make_them_unequal_is_refused(data, tmp_path, wrong):
    with pytest.raises(SystemExit):
        ablation.main([*words(data, tmp_path, "--steps", "2"), wrong])
    with pytest.raises(SystemExit):
        ablation.main(words(data, tmp_path, "--steps", "0"))
    assert not list(tmp_path.iterdir())
