from __future__ import annotations

from pathlib import Path

import pytest

from train import fit


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
