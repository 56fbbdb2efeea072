from __future__ import annotations

import json
from pathlib import Path

import cv2
import engine_folders
import portrait_faces
import pytest

from train import checkpoint, config, evaluate
from train.data import faces
from train.evaluation_page import markdown, merged
from train.export import MANIFEST
from train.recipes import mcsam, raunet


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    copy = tmp_path / "manifest.json"
    copy.write_bytes(MANIFEST.read_bytes())
    return copy


@pytest.fixture
def data(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setattr(faces.FaceCrops.__init__, "__defaults__", (tmp_path / "cache",))
    return portrait_faces.write(tmp_path / "data", 2)


def test_a_table_has_every_key_as_a_column_and_gaps_where_a_row_lacks_it():
    assert markdown("some", {"a": {"x": 1.0}, "b": {"y": 0.123456, "x": 27513.0}}) == (
        "## some\n\n| | x | y |\n|---|---|---|\n| a | 1 | |\n| b | 27513 | 0.1235 |\n"
    )
    assert markdown("none", {}) == "## none\n\n| ||\n|---|\n"


def test_a_page_keeps_the_parts_that_were_not_measured_anew():
    page = merged("", {"a": "## a\n\nstale\n", "b": "## b\n\nbefore\n"})
    again = merged(page, {"a": "## a\n\nfresh\n", "c": "## c\n\nlast\n"})
    assert again.count("# Measured\n") == 1
    assert "stale" not in again
    assert again.index("fresh") < again.index("before") < again.index("last")
    assert merged(again, {}) == again


def test_recording_leaves_the_rest_of_the_manifest_as_it_was(manifest):
    before = json.loads(manifest.read_text())
    table = {"ours": {"psnr": 21.123456, "l1": 1.0}}
    wanted = {"psnr": ("ours", "psnr"), "over": ("a row that was not measured", "psnr")}
    evaluate.record(table, "inpainter", wanted, 7, manifest, backend="OpenVINO CPU INT8")
    after = json.loads(manifest.read_text())
    assert after["engines"]["inpainter"].pop("quality") == {"psnr": 21.1235, "pictures": 7}
    assert after["engines"]["inpainter"].pop("measured_on") == "OpenVINO CPU INT8"
    before["engines"]["inpainter"].pop("measured_on", None)
    before["engines"]["inpainter"].pop("quality")
    assert after == before


def test_an_engine_that_is_not_in_the_manifest_is_not_recorded(manifest):
    before = manifest.read_bytes()
    with pytest.raises(KeyError):
        evaluate.record({}, "nose", {}, 0, manifest, backend="")
    assert manifest.read_bytes() == before


def test_the_command_on_the_page_names_no_folder():
    parser = evaluate.options()
    full = parser.parse_args(["--data", "/home/me", "--out", "/tmp/x", "--record"])
    assert evaluate.command(parser, full) == "python -m train.evaluate --data DIR --record"
    eight = parser.parse_args(["--data=/home/me", "--backend", "openvino:int8"])
    assert evaluate.command(parser, eight).endswith("--data DIR --backend openvino:int8")
    few = parser.parse_args(["--data=/home/me", "--count", "9", "--parts", "real", "finder"])
    other = parser.parse_args(["--data=/home/me", "--inpainter", "/home/me/run"])
    assert evaluate.command(parser, other).endswith("--data DIR --inpainter RUN")
    assert evaluate.command(parser, few) == (
        "python -m train.evaluate --data DIR --count 9 --parts real finder"
    )


def test_measuring_leaves_tables_pictures_and_a_record(data, tmp_path, manifest):
    page, out = tmp_path / "page.md", tmp_path / "out"
    page.write_text("# Measured\n\n## finder\n\nfrom before\n")
    command = ["--data", str(data), "--out", str(out), "--record"]
    command += ["--backend", "openvino:fp32", "--parts"]
    evaluate.main([*command, "segmenter", "inpainter"], page=page, manifest=manifest)
    table = json.loads((out / "evaluation.json").read_text())
    quality = {k: v["quality"] for k, v in json.loads(manifest.read_text())["engines"].items()}
    for engine, wanted in (("segmenter", "iou heldout"), ("inpainter", "hole_psnr")):
        assert (out / f"{engine}.png").exists()
        row, key = evaluate.WANTED[engine][wanted]
        assert quality[engine][wanted] == pytest.approx(table[engine][row][key], abs=1e-4)
        assert quality[engine]["pictures"] == 2
        assert set(quality[engine]) == {*evaluate.WANTED[engine], "pictures"}
        on = json.loads(manifest.read_text())["engines"][engine]["measured_on"]
        assert " FP32 (" in on
    text = page.read_text()
    assert "from before" in text
    assert "## segmenter" in text and "## inpainter" in text
    assert str(tmp_path) not in text and "png" not in text
    assert "OpenVINO" in text


@pytest.mark.parametrize(
    "wrong",
    [
        ["--count", "0"],
        ["--photographs", "-1"],
        ["--split", "val", "--record"],
        ["--inpainter", "runs/some", "--record"],
        ["--inpainter", "absent", "--parts", "inpainter"],
    ],
)
def test_what_makes_no_sense_is_refused(wrong, data, tmp_path, manifest):
    before = manifest.read_bytes()
    command = ["--data", str(data), "--out", str(tmp_path / "out"), *wrong]
    with pytest.raises(SystemExit):
        evaluate.main(command, page=tmp_path / "page.md", manifest=manifest)
    assert manifest.read_bytes() == before


def test_a_trainings_folder_is_measured_in_the_engines_place(data, tmp_path):
    settings = mcsam.Config(width=4)
    (tmp_path / "config.toml").write_text(config.text(settings))
    checkpoint.save_slim(tmp_path / "slim.pt", mcsam.network(settings), "mcsam")
    out = tmp_path / "out"
    words = ["--data", str(data), "--out", str(out), "--inpainter", str(tmp_path), "--count", "1"]
    evaluate.main([*words, "--parts", "inpainter", "paper"])
    tables = json.loads((out / "evaluation.json").read_text())
    assert tables["inpainter"]["ours"]["crops"] == 1
    assert "published: M-CSAM (M-CSAM paper)" in tables[evaluate.TITLES["paper"]]
    page = (out / "evaluation.md").read_text()
    assert "PyTorch" in page and "--inpainter RUN" in page and "OpenVINO" in page


def test_a_blind_training_is_measured_on_masked_faces(data, tmp_path):
    settings = raunet.Config(width=2.0)
    (tmp_path / "config.toml").write_text(config.text(settings))
    checkpoint.save_slim(tmp_path / "slim.pt", raunet.network(settings), "raunet")
    out = tmp_path / "out"
    words = ["--data", str(data), "--out", str(out), "--inpainter", str(tmp_path), "--count", "2"]
    evaluate.main([*words, "--parts", "inpainter", "paper"])
    tables = json.loads((out / "evaluation.json").read_text())
    ours, paper = tables["inpainter"]["ours"], tables[evaluate.TITLES["paper"]]
    assert ours["crops"] == 2 and ours["hole_psnr"] < ours["psnr"]
    assert paper["ours, mask given"]["crops"] == 2
    sheet = cv2.imread(str(out / "inpainter.png"))
    assert (sheet[:, :256] != sheet[:, 512:768]).any(), "it is shown a mask"
    assert (sheet[:, :256].reshape(-1, 3) == 0).all(1).mean() < 0.1, "and no hole"


def test_every_inpainter_that_may_ship_is_a_part(data, tmp_path, monkeypatch, manifest):
    assert set(evaluate.usual()) == {*evaluate.USUAL} & {*evaluate.usual()}
    assert "inpainter-small" in evaluate.usual()
    folder = engine_folders.add_field(engine_folders.copied(tmp_path / "engines"))
    monkeypatch.setattr("unmask_live.runtime.manifest.engines_dir", lambda: folder)
    assert set(evaluate.usual()) == set(evaluate.USUAL)
    out, manifest = tmp_path / "out", folder / "manifest.json"
    words = ["--data", str(data), "--out", str(out), "--record", "--parts", "ganmasker", "raunet"]
    evaluate.main(words, page=tmp_path / "page.md", manifest=manifest)
    entries = json.loads(manifest.read_text())["engines"]
    for name in ("ganmasker", "raunet"):
        assert set(entries[name]["quality"]) == {*evaluate.WANTED["inpainter"], "pictures"}
    page = (tmp_path / "page.md").read_text()
    assert "## GANMasker" in page and "## RA-UNet" in page


def test_a_folder_without_faces_is_said_in_one_sentence(tmp_path, capsys):
    words = ["--data", str(tmp_path / "none"), "--out", str(tmp_path / "out")]
    with pytest.raises(SystemExit):
        evaluate.main([*words, "--parts", "paper"])
    assert "--data must name" in capsys.readouterr().err
