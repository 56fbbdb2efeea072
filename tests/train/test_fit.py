from __future__ import annotations

import gc
import weakref
from pathlib import Path

import portrait_faces
import pytest

from train import fit
from train.data.faces import FaceCrops


def refused(capsys, *words: str) -> str:
    with pytest.raises(SystemExit) as raised:
        fit.main(list(words))
    assert raised.value.code == 2
    return capsys.readouterr().err


def test_settings_are_shown_as_the_options_make_them(capsys, tmp_path: Path):
    file = tmp_path / "some.toml"
    file.write_text("batch = 3\nseed = 4\nclip = 2.0\n")
    words = ["--config", str(file), "--set", "seed=5", "workers=0", "--batch", "6", "--show"]
    fit.main(["segmenter", *words])
    shown = capsys.readouterr().out.splitlines()
    assert {"batch = 6", "seed = 5", "clip = 2.0", "workers = 0"} <= set(shown)


def test_a_training_that_goes_on_keeps_its_settings(capsys, tmp_path: Path):
    (tmp_path / "last.pt").touch()
    (tmp_path / "config.toml").write_text("batch = 3\n")
    fit.main(["unet", "--out", str(tmp_path), "--resume", "--minutes", "7", "--show"])
    shown = capsys.readouterr().out.splitlines()
    assert {"batch = 3", "minutes = 7.0"} <= set(shown)


def test_what_makes_no_sense_is_refused_in_one_sentence(capsys, tmp_path: Path):
    out = ["--out", str(tmp_path)]
    assert "no setting of this recipe" in refused(capsys, "unet", "--set", "depth=3")
    assert "--data is missing" in refused(capsys, "unet", *out)
    nowhere = ["--data", str(tmp_path / "none")]
    assert "holds no checkpoint" in refused(capsys, "unet", *nowhere, *out, "--resume")
    assert "--data must name" in refused(capsys, "unet", *nowhere, *out)
    (tmp_path / "last.pt").touch()
    assert "holds a training" in refused(capsys, "unet", *nowhere, *out)


def test_a_form_that_a_network_cannot_have_is_refused_in_one_sentence(capsys, tmp_path: Path):
    data = [
        "--data",
        str(portrait_faces.write(tmp_path / "data", 2)),
        "--out",
        str(tmp_path / "run"),
    ]
    own = ["workers=0", "in_memory=false", "validation=1", f"cache={tmp_path / 'cache'}"]
    for wrong, said in (("stem=3", "stem is 3"), ("width=0", "width is 0"), ("ssim=-1", "ssim is")):
        said_all = refused(capsys, "inpainter-residual", *data, "--set", *own, wrong)
        assert said in said_all and "Traceback" not in said_all


def test_the_faces_of_a_training_are_let_go_when_it_ends(tmp_path: Path, monkeypatch):
    """A table trains many in one process: each keeps gigabytes of crops."""
    data = portrait_faces.write(tmp_path / "data", 2)
    alive: list[weakref.ref[FaceCrops]] = []
    made = FaceCrops.__init__

    def watched(self: FaceCrops, *given: object, **named: object) -> None:
        alive.append(weakref.ref(self))
        made(self, *given, **named)

    monkeypatch.setattr(FaceCrops, "__init__", watched)
    gc.collect()
    gc.disable()  # as little is made in between that the collector would not wake by itself
    try:
        words = ["steps=1", "workers=0", "batch=1", "validation=1", f"cache={tmp_path / 'cache'}"]
        out = ["--data", str(data), "--out", str(tmp_path / "run")]
        fit.main(["ganmasker", *out, "--set", *words, "width=2", "judge_width=2", "perceptual=0"])
        assert len(alive) == 2, "train and val"
        assert [ref() for ref in alive] == [None, None]
    finally:
        gc.enable()
