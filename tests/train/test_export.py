from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from train import checkpoint as checkpoint_
from train import config, onnx_file
from train.ema import Ema
from train.export import PEOPLE, export, main
from train.fit import module_of
from train.recipes import inpainter_small, segmenter
from train.torch_engine import load_onnx, open_run
from unmask_live.errors import UserError
from unmask_live.inpainters import choose
from unmask_live.runtime import load_manifest, open_engine
from unmask_live.runtime.kinds import is_blind, is_inpainter


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    path = tmp_path / "last.pt"
    torch.save({"ema": segmenter.network().state_dict()}, path)
    return path


def test_variants_stay_with_their_network_and_go_with_it(checkpoint: Path, tmp_path: Path) -> None:
    engines = tmp_path / "engines"
    export("segmenter", checkpoint, engines)
    manifest = engines / "manifest.json"
    raw = json.loads(manifest.read_text())
    variant = {"file": "segmenter-int8.onnx", "sha256": "00", "quality": {}}
    raw["engines"]["segmenter"]["variants"] = {"int8": variant}
    manifest.write_text(json.dumps(raw))
    (engines / "segmenter-int8.onnx").write_bytes(b"8 bits")

    export("segmenter", checkpoint, engines)
    entry = json.loads(manifest.read_text())["engines"]["segmenter"]
    assert entry["variants"] == {"int8": variant}
    assert entry["version"] == "1"
    assert (engines / "segmenter-int8.onnx").exists()

    torch.manual_seed(1)
    torch.save({"ema": segmenter.network().state_dict()}, checkpoint)
    export("segmenter", checkpoint, engines)
    entry = json.loads(manifest.read_text())["engines"]["segmenter"]
    assert "variants" not in entry
    assert entry["version"] == "2"
    assert not (engines / "segmenter-int8.onnx").exists()


def test_what_learnt_from_other_crops_is_not_exported(tmp_path: Path) -> None:
    checkpoint = training(tmp_path / "run", "ganmasker")
    file = checkpoint.with_name("config.toml")
    for own, said in (("side = 512", "512², cut by 'eyes'"), ('cut = "middle"', "cut by 'middle'")):
        file.write_text(f"width = 2.0\n{own}\n")
        with pytest.raises(UserError, match=said):
            export("ganmasker", checkpoint, tmp_path / "engines")
    assert not (tmp_path / "engines").exists()


def test_a_card_names_the_teacher(tmp_path: Path) -> None:
    checkpoint = training(tmp_path / "run", "inpainter-residual", width=4.0)
    file = checkpoint.with_name("config.toml")
    file.write_text(file.read_text().replace('teacher = ""', 'teacher = "some/inpainter.onnx"'))
    export("inpainter-residual", checkpoint, tmp_path / "engines")
    card = (tmp_path / "engines" / "inpainter-residual.md").read_text()
    assert "A teacher, `inpainter.onnx`, showed it" in card


def test_the_live_inpainter_ships_in_either_form(tmp_path: Path) -> None:
    engines = tmp_path / "engines"
    last = training(tmp_path / "run", "inpainter-residual", width=4.0)
    main(["inpainter", "--checkpoint", str(last), "--engines", str(engines)])
    entry = load_manifest(engines)["inpainter"]
    assert entry.title == PEOPLE["inpainter"][0] and entry.card == "inpainter.md"
    with open_engine("inpainter", directory=engines) as engine, open_run(last.parent) as trained:
        given = {k: np.full(s.shape, 0.5, np.float32) for k, s in entry.inputs.items()}
        made, wanted = engine(**given)["image_out"], trained(**given)["image_out"]
    assert np.abs(made - wanted).max() < 0.03


def test_a_file_says_who_made_it_and_no_folder_of_that_machine(tmp_path: Path) -> None:
    last = training(tmp_path / "run", "inpainter-residual", width=4.0)
    file = last.with_name("config.toml")
    file.write_text(file.read_text().replace('teacher = ""', 'teacher = "/home/me/run"'))
    export("inpainter", last, tmp_path / "engines")
    path = tmp_path / "engines" / "inpainter.onnx"
    recipe, settings = onnx_file.signature(path)
    assert recipe == "inpainter-residual"
    assert "width = 4.0" in settings and "/home/me" not in settings
    made_by, net = load_onnx(path)
    image, matte = torch.rand(1, 3, 256, 256), torch.ones(1, 1, 256, 256)
    with torch.no_grad(), open_run(last.parent) as trained:
        made = net.eval()(image, matte).numpy()
        wanted = trained(image=image.numpy(), matte=matte.numpy())["image_out"]
    assert made_by == recipe and np.abs(made - wanted).max() < 0.02


def test_another_networks_checkpoint_is_refused(tmp_path: Path) -> None:
    last = training(tmp_path / "run", "ganmasker")
    with pytest.raises(UserError, match="is of ganmasker, wanted inpainter"):
        export("inpainter", last, tmp_path / "engines")


def training(out: Path, name: str, *, width: float = 2.0) -> Path:
    """What a training of a small network leaves behind."""
    torch.manual_seed(0)
    module = module_of(name)
    settings = module.Config(width=width)
    net = module.network(settings)
    for value in net.state_dict().values():  # untrained, some are equal: ONNX keeps one of them
        if value.is_floating_point():
            value += 0.01 * torch.rand(value.shape)
    out.mkdir()
    (out / "config.toml").write_text(config.text(settings))
    recipe = SimpleNamespace(name=name, nets={"net": net}, optimizers={})
    checkpoint_.save(out / "last.pt", recipe, Ema(net), {"step": 1234, "seconds": 600.0})
    return out / "last.pt"


@pytest.mark.parametrize(
    ("name", "blind", "width"),
    [
        ("ganmasker", False, 2.0),
        ("raunet", True, 2.0),
        ("mcsam", False, 4),
        ("gatedconv", False, 2.0),
        ("glcic", False, 2.0),
        ("pconv", False, 2.0),
        ("inpainter-residual", False, 4.0),
    ],
)
def test_a_system_of_the_field_ships_in_the_size_it_was_trained_in(
    name: str, blind: bool, width: float, tmp_path: Path
) -> None:
    engines = tmp_path / "engines"
    last = training(tmp_path / "run", name, width=width)
    main([name, "--checkpoint", str(last), "--engines", str(engines)])
    entry = load_manifest(engines)[name]
    entry.verify()
    assert is_inpainter(entry) and is_blind(entry) == blind
    assert all(spec.meaning and spec.range == (0, 1) for spec in entry.inputs.values())
    assert entry.title == PEOPLE[name][0] and "GMAC at 256²" in entry.system
    choice = choose(name, engines)
    assert (choice.title, choice.system) == (entry.title, entry.system)
    given = {k: np.full(s.shape, 0.5, np.float32) for k, s in entry.inputs.items()}
    with open_engine(name, directory=engines) as engine, open_run(last.parent) as trained:
        made, wanted = engine(**given)["image_out"], trained(**given)["image_out"]
    assert np.abs(made - wanted).max() < 0.03
    card = (engines / entry.card).read_text()
    assert max(map(len, card.splitlines())) <= 100
    said = " ".join(card.split())
    for part in ("invented, not recovered", "1,234 steps, 10 minutes", entry.system, "Licence"):
        assert part in said
    assert f"--inpainter {name}" in said


def test_a_card_is_written_anew_unless_it_is_by_hand(tmp_path: Path) -> None:
    engines = tmp_path / "engines"
    last = training(tmp_path / "run", "raunet")
    export("raunet", last, engines)
    card = engines / "raunet.md"
    card.write_text(card.read_text() + "stale")
    export("raunet", last, engines)
    assert "stale" not in card.read_text()
    card.write_text("# By hand\n")
    export("raunet", last, engines)
    assert card.read_text() == "# By hand\n"


def test_the_usual_inpainters_keep_their_titles(tmp_path: Path) -> None:
    shipped = load_manifest()
    for name in ("inpainter", "inpainter-small"):
        assert (shipped[name].title, shipped[name].system) == PEOPLE[name]
    torch.manual_seed(0)
    path = tmp_path / "last.pt"
    torch.save({"ema": inpainter_small.network().state_dict()}, path)
    export("inpainter-small", path, tmp_path / "engines")
    made = load_manifest(tmp_path / "engines")["inpainter-small"]
    assert (made.title, made.system) == PEOPLE["inpainter-small"]
    assert not (tmp_path / "engines" / "inpainter-small.md").exists()


@pytest.mark.parametrize(
    ("name", "of", "says"),
    [
        ("ganmasker", "raunet", "is of raunet, wanted ganmasker"),
        ("raunet", "raunet", "another size"),
    ],
)
def test_another_network_is_told_in_one_sentence(
    name: str, of: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    last = training(tmp_path / "run", of)
    (tmp_path / "run" / "config.toml").unlink()  # so it is taken for the full size
    words = [name, "--checkpoint", str(last), "--engines", str(tmp_path / "engines")]
    with pytest.raises(SystemExit):
        main(words)
    assert says in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "engines" / "manifest.json").exists()
