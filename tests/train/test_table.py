from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import portrait_faces
import pytest
import torch

from train import table, table_collect, table_portrait, table_rows
from train.data.faces import FaceCrops
from train.recipes import filling, inpainter, raunet

ROWS = ("RA-UNet (blind)", "GLCIC")


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return portrait_faces.write(tmp_path_factory.mktemp("data"), 2)


def words(data: Path, out: Path, *more: str, pictures: int = 4) -> list[str]:
    budget = ["--pictures", str(pictures), "--batch", "2", "--gmac", "0.05", "--judge-width", "2"]
    budget += ["--count", "2"]
    settings = ["workers=0", "validation=1", f"cache={data / 'cache'}"]
    return ["--data", str(data), "--out", str(out), *budget, *more, "--set", *settings]


def test_from_nothing_to_a_table_and_one_row_again(data, tmp_path, capsys, monkeypatch):
    def run(*more: str) -> dict[str, dict[str, dict[str, float]]]:
        table.main(words(data, tmp_path, "--no-latency", *more))
        return json.loads((tmp_path / "table.json").read_text())["measured"]

    made = run("--only", *ROWS)
    assert set(made) == {*ROWS, *table_collect.CLASSICAL}
    for name in ROWS:
        row = made[name]["all"]
        assert row["seeds"] == 1 and row["crops"] == 2 and "ms" not in row
        assert abs(row["gmac"] / 0.05 - 1) < 0.1 and row["parameters"] > 100
    page = (tmp_path / "table.md").read_text()
    assert "4 pictures of 256², 2 steps of 2, seeds 0" in page
    assert "RN is not trained yet." in page
    assert "fid is left out" in page, "and why"
    portrait = cv2.imread(str(tmp_path / "portrait.png"))
    assert portrait.shape == ((2 + 4) * 256, len(table_portrait.NUMBERS) * 256, 3)
    sheet = cv2.imread(str(tmp_path / "pictures.png"))
    assert sheet.shape == ((2 + 4) * 256, 2 * 256, 3), "masked, two trained, two classical, true"

    trained = [table_rows.folder(tmp_path, name, 0) / "last.pt" for name in ROWS]
    before = [path.stat().st_mtime_ns for path in trained]
    rows = table_rows.all_rows()
    monkeypatch.setattr(table, "all_rows", lambda: {name: rows[name] for name in ROWS})
    assert run() == made  # a run that was cut off after the last training has nothing to train
    assert [path.stat().st_mtime_ns for path in trained] == before
    cut = torch.load(trained[1], weights_only=True)
    torch.save(cut | {"state": cut["state"] | {"step": 1}}, trained[1])  # killed before its last
    run()
    assert torch.load(trained[1], weights_only=True)["state"]["step"] == 2
    fresh = run("--only", "GLCIC", "--anew")
    after = [path.stat().st_mtime_ns for path in trained]
    assert after[0] == before[0] and after[1] > before[1]
    assert fresh["GLCIC"]["all"] == pytest.approx(made["GLCIC"]["all"]), "the same seed and row"
    both = run("--only", "GLCIC", "--seeds", "0", "1")["GLCIC"]["all"]
    assert both["seeds"] == 2 and both["psnr ±"] > 0

    # Who adds a method takes the others from a table that is there.
    table.main(words(data, tmp_path / "new", "--no-latency", "--train-only", "--only", "GLCIC"))
    known = ["--known", str(tmp_path / "table.json"), "--no-latency"]
    table.main(words(data, tmp_path / "new", *known))
    page = (tmp_path / "new" / "table.md").read_text()
    assert "RA-UNet (blind) is known from table.json." in page and "| RA-UNet" in page
    assert not (tmp_path / "new" / "ra-unet-blind").exists()

    with pytest.raises(SystemExit):  # a longer training beside these would be another table
        table.main(words(data, tmp_path, "--only", "GLCIC", pictures=6))
    assert "another steps" in capsys.readouterr().err


def test_a_row_that_comes_to_no_number_is_named_and_the_next_go_on(
    data, tmp_path, capsys, monkeypatch
):
    def nowhere(self: filling.Recipe, progress: float) -> dict[str, float]:
        raise FloatingPointError("20 steps in a row had no finite gradient")

    monkeypatch.setattr(raunet.Recipe, "step", nowhere)
    given = words(data, tmp_path, "--no-latency", "--only", *ROWS, pictures=2)
    with pytest.raises(SystemExit) as ended:
        table.main([*given[:2], "--train-only", *given[2:]])
    assert "RA-UNet" in str(ended.value)
    assert not (tmp_path / "table.md").exists()
    assert (table_rows.folder(tmp_path, "GLCIC", 0) / "last.pt").exists()

    with pytest.raises(SystemExit):
        table.main(given)
    page = (tmp_path / "table.md").read_text()
    assert "RA-UNet (blind) could not be trained: 20 steps in a row had no finite gradient." in page
    assert "| GLCIC |" in page
    assert "failed, going on with the next" in capsys.readouterr().out


def test_the_time_left_goes_by_the_steps_that_were_taken_in_this_run():
    assert table.left(3600, [0, 0, 500, 500], 2) == "", "the first two were there already"
    assert table.left(3600, [0, 500, 500, 500], 2) == ", about 2.0 h left"
    assert table.left(3600, [500, 0, 250], 2) == ", about 0.5 h left"


def test_other_faces_are_another_table(data, tmp_path, capsys):
    only = ["--train-only", "--only", "GLCIC"]
    table.main(words(data, tmp_path / "out", *only, pictures=2))
    other = portrait_faces.write(tmp_path / "other", 3)
    with pytest.raises(SystemExit):
        table.main(words(other, tmp_path / "out", *only, pictures=2))
    assert "was trained on other faces" in capsys.readouterr().err


def test_variants_of_the_live_network_without_a_judge(data, tmp_path, monkeypatch):
    monkeypatch.setitem(inpainter.VARIANTS, "tiny", ("widths=[4, 8, 16]", "shortcuts=true"))
    only = ["--variants", "--only", "tiny", "--no-latency"]
    table.main(words(data, tmp_path, *only, pictures=2))
    measured = json.loads((tmp_path / "table.json").read_text())["measured"]
    assert measured["tiny"]["all"]["parameters"] < 50_000
    page = (tmp_path / "table.md").read_text()
    assert "seeds 0, no judge" in page and "GMAC within" not in page


def test_faces_cut_as_the_papers_do_are_trained_and_measured_so(data, tmp_path, capsys):
    given = words(data, tmp_path, "--only", "GLCIC", "--no-latency", pictures=2)
    table.main([*given, "cut=middle"])
    sheet = cv2.imread(str(tmp_path / "pictures.png"))[..., ::-1]
    faces = FaceCrops(data, "test", data / "cache", cut="middle")
    assert np.abs(sheet[-256:, :256].astype(int) - faces.plain(0).image).mean() < 1
    assert json.loads((tmp_path / "table.json").read_text())["budget"]["sets"] == ["cut=middle"]
    assert "faces cut by 'middle'" in (tmp_path / "table.md").read_text()
    with pytest.raises(SystemExit):
        table.main([*given, "side=512"])
    assert "the table measures crops of 256²" in capsys.readouterr().err


def test_rows_are_listed_and_what_makes_no_sense_is_refused(data, tmp_path, capsys):
    table.main(["--list", "--only", "GLCIC", "M-CSAM, live"])
    assert capsys.readouterr().out.splitlines() == [
        "GLCIC: glcic, width 9.75",
        "M-CSAM, live: inpainter, width None",
    ]
    table.main(["--list", "--variants"])
    assert "narrow, shortcuts: inpainter, width None" in capsys.readouterr().out.splitlines()
    for wrong, said in (
        (["--only", "GLIC"], "the rows are M-CSAM, live"),
        (["--anew"], "say which with --only"),
        (["--pictures", "0"], "at least 1"),
    ):
        with pytest.raises(SystemExit):
            table.main([*wrong, "--data", str(data), "--out", str(tmp_path)])
        assert said in capsys.readouterr().err
    with pytest.raises(SystemExit):
        table.main(["--data", str(data), "--set", "width=3"])
    assert "no setting of this recipe" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        table.main([])
    assert not list(tmp_path.iterdir())
