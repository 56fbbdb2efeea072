from __future__ import annotations

import pytest
import torch

from train.checkpoint import recipe_of
from train.mix import main, mix
from unmask_live.errors import UserError


def weights(value: float) -> dict[str, torch.Tensor]:
    return {"kernel": torch.full((2, 3), float(value)), "seen": torch.tensor(int(value))}


@pytest.mark.parametrize(("share", "wanted"), [(0.0, 1.0), (0.25, 2.0), (1.0, 5.0)])
def test_floats_lie_between_and_counts_stay(share, wanted):
    mixed = mix(weights(1), weights(5), share)
    assert (mixed["kernel"] == wanted).all()
    assert mixed["seen"] == 1


def test_other_networks_are_refused():
    with pytest.raises(UserError, match="different networks"):
        mix(weights(1), {"kernel": torch.zeros(3, 2), "seen": torch.tensor(0)}, 0.5)


def test_what_the_second_has_learnt_since_is_added_to_a_first_that_went_on():
    assert (mix(weights(4), weights(3), 0.5, weights(1))["kernel"] == 5).all()
    with pytest.raises(UserError, match="different networks"):
        mix(weights(4), weights(3), 0.5, {"kernel": torch.zeros(2, 3)})


def test_the_command_writes_what_export_reads(tmp_path, monkeypatch):
    for name, value in (("a.pt", 1.0), ("b.pt", 3.0)):
        torch.save({"ema": weights(value), "state": {"step": 1}}, tmp_path / name)
    out = tmp_path / "new" / "slim.pt"  # the folder is made
    monkeypatch.setattr(
        "sys.argv",
        ["mix", *map(str, (tmp_path / "a.pt", tmp_path / "b.pt", out)), "--share", "0.5"],
    )
    main()
    assert (torch.load(out, weights_only=True)["ema"]["kernel"] == 2).all()


def test_a_slim_checkpoint_mixes_with_a_whole_one(tmp_path, monkeypatch):
    torch.save({"ema": {"kernel": torch.ones(2, 3).half()}}, tmp_path / "slim.pt")
    torch.save({"ema": {"kernel": torch.full((2, 3), 3.0)}}, tmp_path / "whole.pt")
    paths = [str(tmp_path / name) for name in ("slim.pt", "whole.pt", "out.pt")]
    monkeypatch.setattr("sys.argv", ["mix", *paths])
    main()
    mixed = torch.load(tmp_path / "out.pt", weights_only=True)["ema"]["kernel"]
    assert mixed.dtype == torch.float32
    assert (mixed == 2).all()


def test_the_command_takes_a_base(tmp_path, monkeypatch):
    for name, value in (("first.pt", 4.0), ("second.pt", 3.0), ("base.pt", 1.0)):
        torch.save({"ema": weights(value)}, tmp_path / name)
    paths = [str(tmp_path / name) for name in ("first.pt", "second.pt", "out.pt")]
    monkeypatch.setattr("sys.argv", ["mix", *paths, "--base", str(tmp_path / "base.pt")])
    main()
    assert (torch.load(tmp_path / "out.pt", weights_only=True)["ema"]["kernel"] == 5).all()


def test_a_mix_says_what_it_is_and_has_its_settings_beside_it(tmp_path, monkeypatch):
    run, out = tmp_path / "run", tmp_path / "mixed"
    run.mkdir()
    out.mkdir()
    for name, value in (("a.pt", 1.0), ("b.pt", 3.0)):
        torch.save({"recipe": "inpainter", "ema": weights(value)}, run / name)
    (run / "config.toml").write_text("seed = 7\n")
    monkeypatch.setattr(
        "sys.argv", ["mix", *(str(run / n) for n in ("a.pt", "b.pt")), str(out / "slim.pt")]
    )
    main()
    assert recipe_of(out / "slim.pt") == "inpainter"
    assert (out / "config.toml").read_text() == "seed = 7\n"
    (out / "config.toml").write_text("seed = 8\n")
    main()
    assert (out / "config.toml").read_text() == "seed = 8\n"  # what is there is not overwritten
