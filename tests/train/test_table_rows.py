from __future__ import annotations

from pathlib import Path

import pytest
import torch

from train import config as settings
from train import table_rows
from train.macs import crop_macs
from train.recipes import pconv
from train.table_rows import (
    LIVE,
    Budget,
    all_rows,
    check,
    done,
    folder,
    forget,
    live_macs,
    width_of,
)
from unmask_live.errors import UserError


def test_every_method_is_a_row_and_the_programs_own_comes_first():
    rows = all_rows()
    assert next(iter(rows)) == LIVE
    assert {"M-CSAM", "GANMasker", "GatedConv", "GLCIC", "RN", "plain U-Net"} < set(rows)
    assert [name for name, row in rows.items() if row.blind] == ["RA-UNet (blind)"]


@pytest.mark.parametrize("name", ["M-CSAM", "GANMasker", "RA-UNet (blind)", "plain U-Net"])
def test_widths_make_costs_equal_within_a_tenth(name):
    row, aim = all_rows()[name], live_macs()
    config = row.config([*row.sets, f"width={width_of(row, aim)}"])
    cost = crop_macs(lambda: row.module.network(config), blind=row.blind)
    assert abs(cost / aim - 1) < 0.1


def test_a_new_method_needs_rows_and_nothing_else(monkeypatch):
    monkeypatch.setitem(pconv.ROWS, "another", ("convolution=plain", "valid=2"))
    row = all_rows()["another"]
    words = Budget(8, 2, 400_000_000).words(row, 0)
    assert row.config(words).valid == 2 and row.config(words).convolution == "plain"


def test_every_row_gets_the_same_budget(monkeypatch):
    monkeypatch.setattr(
        table_rows, "width_of", lambda row, aim: 4 if "width" in row.fields() else None
    )
    budget = Budget(100, 16, live_macs(), sets=("workers=0",))
    assert budget.steps == 6
    for row in all_rows().values():
        config = row.config(budget.words(row, seed=3))
        assert getattr(config, "width", 4) == 4
        assert (config.batch, config.steps, config.seed, config.workers) == (16, 6, 3, 0)
    rows = all_rows()
    assert budget.without(rows["M-CSAM"]) == ["perceptual", "style", "adversarial"]
    assert budget.without(rows["GANMasker"]) == ["perceptual"]
    assert budget.without(rows[LIVE]) == budget.without(rows["GLCIC"]) == []
    with_maps = Budget(100, 16, live_macs(), features_weights="some.pt")
    assert with_maps.without(rows["RN"]) == []
    assert "features_weights=some.pt" in with_maps.words(rows["RN"], 0)


def test_only_rates_below_the_least_are_raised(monkeypatch):
    monkeypatch.setattr(
        table_rows, "width_of", lambda row, aim: 4 if "width" in row.fields() else None
    )
    budget, own = Budget(100, 16, live_macs(), least_rate=5e-4), Budget(100, 16, live_macs())
    for row in all_rows().values():
        before, after = (row.config(b.words(row, 0)).rate for b in (own, budget))
        assert after == max(before, 5e-4)
    assert all_rows()["RN"].config(own.words(all_rows()["RN"], 0)).rate < 5e-4


def test_a_cost_that_no_width_has_is_refused():
    with pytest.raises(UserError, match=r"M-CSAM: .* set another --gmac"):
        width_of(all_rows()["M-CSAM"], 20_000_000)


def test_a_training_of_another_budget_is_not_gone_on_with(tmp_path: Path):
    row = all_rows()["plain U-Net"]
    words = [*row.sets, "batch=2", "steps=4", "width=2.0"]
    run = folder(tmp_path, row.name, 1)
    assert run == tmp_path / "plain-u-net" / "seed-1" and done(run, 4) == (0, 0.0)
    check(run, row, words)
    run.mkdir(parents=True)
    (run / "config.toml").write_text(settings.text(row.config([*words, "workers=1"])))
    torch.save({"state": {"step": 9, "seconds": 2.5}}, run / "last.pt")
    check(run, row, words)  # how it is run does not matter
    assert done(run, 4) == (4, 2.5)
    with pytest.raises(UserError, match="another batch, steps: name another --out"):
        check(run, row, [*words, "batch=3", "steps=5"])
    forget(run)
    assert not run.exists()
    other = tmp_path / "precious"
    other.mkdir()
    forget(other)
    assert other.exists(), "only trainings are removed"
