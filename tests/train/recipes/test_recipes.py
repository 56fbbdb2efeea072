"""Each recipe takes real steps on a few real faces, and what it exports is what it trained."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import portrait_faces
import pytest
import torch

from train import checkpoint
from train import config as settings
from train.data import faces
from train.ema import Ema
from train.export import export, worst_difference
from train.onnx_file import read_weights
from train.recipes.inpainter import PREFILLED
from train.torch_engine import network_in
from unmask_live.errors import UserError


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return portrait_faces.write(tmp_path_factory.mktemp("data"))


@pytest.fixture
def cached(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr(faces.FaceCrops.__init__, "__defaults__", (folder,))


@pytest.mark.parametrize(
    "name", ["inpainter", "inpainter-small", "inpainter-residual", "segmenter"]
)
def test_train_stop_resume_export(name, data, cached, tmp_path):
    module = importlib.import_module(f"train.recipes.{name.replace('-', '_')}")
    torch.manual_seed(0)
    recipe = module.Recipe(data, module.Config(batch=2, in_memory=False, validation=24))
    before = {k: v.clone() for k, v in recipe.nets["net"].state_dict().items()}
    losses = [recipe.step(p) for p in (0.1, 0.9, 0.95)]
    assert all(np.isfinite(list(row.values())).all() for row in losses)
    if name.startswith("inpainter"):
        assert "judge" not in losses[0] and losses[1]["judge"] > 0  # it comes in late
    after = recipe.nets["net"].state_dict()
    assert any(not torch.equal(before[k], after[k]) for k in before)
    assert recipe.picture(recipe.nets["net"].eval()).dtype == np.uint8
    assert np.isfinite(list(recipe.validate(recipe.nets["net"]).values())).all()

    checkpoint.save(tmp_path / "last.pt", recipe, Ema(recipe.nets["net"]), {"step": 3})
    assert export(name, tmp_path / "last.pt", tmp_path / "engines") < 0.02
    stored = read_weights(tmp_path / "engines" / f"{name}.onnx")
    fresh = module.network()
    checkpoint.start_from(fresh, tmp_path / "engines" / f"{name}.onnx")
    for key, value in fresh.state_dict().items():
        if key in stored:
            assert torch.allclose(value, after[key], atol=2e-3, rtol=2e-3)


@pytest.mark.parametrize("name", ["inpainter", "inpainter-residual"])
def test_the_prefilled_form_learns_structure_too_and_exports(name, data, cached, tmp_path):
    module = importlib.import_module(f"train.recipes.{name.replace('-', '_')}")
    own = ("batch=2", "in_memory=false", "validation=2", "clip=100.0")
    recipe = module.Recipe(data, settings.parsed(module.Config(), [*PREFILLED, *own]))
    net = recipe.nets["net"]
    rows = [recipe.step(p) for p in (0.1, 0.2, 0.95)]
    assert all(0 < row["ssim"] < 1 for row in rows) and rows[2]["judge"] > 0
    assert net.guess is not None
    module.export(net.eval(), tmp_path / "net.onnx")
    assert worst_difference(net, tmp_path / "net.onnx") < 1e-3


def test_a_judge_goes_on_from_another_training(data, cached, tmp_path):
    module = importlib.import_module("train.recipes.inpainter")
    own = ("batch=2", "in_memory=false", "validation=2", "widths=[4, 8, 16]", "judge_width=4")
    first = module.Recipe(data, settings.parsed(module.Config(), own))
    first.step(0.95)
    checkpoint.save(tmp_path / "last.pt", first, Ema(first.nets["net"]), {"step": 1})

    said = [*own, f"judge_from={tmp_path}"]
    second = module.Recipe(data, settings.parsed(module.Config(), said))
    there, here = (r.nets["judge"].state_dict() for r in (first, second))
    assert all(torch.equal(there[k], here[k]) for k in there)
    assert second.step(0.95)["judge"] > 0

    with pytest.raises(UserError, match="another size"):
        module.Recipe(data, settings.parsed(module.Config(), [*said, "judge_width=8"]))
    checkpoint.save_slim(tmp_path / "slim.pt", first.nets["net"], "inpainter")
    with pytest.raises(UserError, match="has no judge"):
        module.Recipe(
            data, settings.parsed(module.Config(), [*own, f"judge_from={tmp_path / 'slim.pt'}"])
        )


def test_a_wrong_engine_is_not_exported(tmp_path):
    """The parity check must be able to fail: compare a network with another's file."""
    module = importlib.import_module("train.recipes.inpainter")
    torch.manual_seed(0)
    one, other = module.network(), module.network()
    module.export(one, tmp_path / "one.onnx")
    assert worst_difference(one, tmp_path / "one.onnx") < 1e-3
    assert worst_difference(other.eval(), tmp_path / "one.onnx") > 0.02


def test_weights_of_another_network_are_refused(tmp_path):
    module = importlib.import_module("train.recipes.segmenter")
    module.export(module.network(), tmp_path / "segmenter.onnx")
    net = importlib.import_module("train.recipes.inpainter").network()
    with pytest.raises(UserError, match="lacks"):
        checkpoint.start_from(net, tmp_path / "segmenter.onnx")


@pytest.mark.parametrize("name", ["inpainter", "inpainter-residual"])
def test_a_prefilled_form_is_never_taken_for_one_that_is_not(name, tmp_path):
    """It has the same layers: opened as the other it would paint nonsense."""
    module = importlib.import_module(f"train.recipes.{name.replace('-', '_')}")
    small = {"widths": (4, 8, 16)} if name == "inpainter" else {"width": 4.0}
    for prefill in (False, True):
        own = module.network(module.Config(prefill=prefill, **small))
        other = module.network(module.Config(prefill=not prefill, **small))
        slim, onnx = tmp_path / f"{prefill}.pt", tmp_path / f"{prefill}.onnx"
        checkpoint.save_slim(slim, own, name)
        module.export(own.eval(), onnx)
        checkpoint.start_from(module.network(module.Config(prefill=prefill, **small)), slim)
        with pytest.raises(UserError, match=r"guess\.known"):
            checkpoint.start_from(other, slim)
        assert ("guess.known" in read_weights(onnx)) is prefill, "a shipped file tells it too"
        slim.with_name("config.toml").write_text(
            settings.text(module.Config(prefill=not prefill, **small)), encoding="utf-8"
        )
        with pytest.raises(UserError, match=r"keep the training's own config\.toml"):
            network_in(slim, name)


def test_weights_of_another_size_are_refused(tmp_path):
    module = importlib.import_module("train.recipes.inpainter")
    checkpoint.save_slim(tmp_path / "slim.pt", module.network(), "inpainter")
    with pytest.raises(UserError, match="another size"):
        checkpoint.start_from(
            module.network(module.Config(widths=(4, 8, 16))), tmp_path / "slim.pt"
        )


def test_the_border_counts_more_and_a_strap_is_all_border():
    segmenter = importlib.import_module("train.recipes.segmenter")
    matte = torch.zeros(1, 1, 64, 64)
    matte[..., 20:50, 10:40] = 1
    matte[..., 5:8, :] = 1  # a strap
    near = segmenter.border(matte)
    assert near[0, 0, 6].min() == 1
    assert near[0, 0, 35, 25] == 0, "the inside is not border"
    assert near[0, 0, 35, 10] == near[0, 0, 35, 8] == 1
    assert near[0, 0, 60, 60] == 0
    assert segmenter.border(torch.zeros(1, 1, 8, 8)).max() == 0
