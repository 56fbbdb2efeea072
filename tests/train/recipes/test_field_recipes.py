"""The other papers' recipes: each takes steps that lower its loss, and goes on after a stop."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import portrait_faces
import pytest
import torch

from train import checkpoint, config
from train.data.faces import FaceCrops
from train.data.holes import hole
from train.data.masked import painted
from train.export import worst_difference
from train.fit import module_of
from train.loop import Loop
from train.networks.features import FaceFeatures
from train.recipes import ganmasker, glcic, raunet
from train.schedule import stepped
from train.torch_engine import KINDS, open_run, shapes_of
from unmask_live.errors import UserError

NAMES = ("ganmasker-seg", "ganmasker", "raunet", "gatedconv", "glcic", "rn", "pconv")
PARTS = {
    "ganmasker-seg": {"bce", "dice_loss"},
    "ganmasker": {"reconstruction", "perceptual", "adversarial", "judge"},
    "raunet": {"ssim", "l1"},
    "gatedconv": {"coarse", "fine", "adversarial", "judge"},
    "glcic": {"squared", "adversarial", "judge"},
    "rn": {"l1", "perceptual", "style", "adversarial", "judge"},
    "pconv": {"valid", "hole", "tv", "perceptual", "style"},
}
FALLING = {
    "ganmasker-seg": "dice_loss",
    "ganmasker": "reconstruction",
    "raunet": "l1",
    "gatedconv": "coarse",
    "glcic": "squared",
    "rn": "l1",
    "pconv": "hole",
}


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return portrait_faces.write(tmp_path_factory.mktemp("data"), 2)


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> dict[str, object]:
    cache = str(tmp_path_factory.mktemp("cache"))
    return {"batch": 2, "workers": 0, "validation": 1, "cache": cache, "width": 2.0}


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("weights") / "features.pt"
    torch.manual_seed(0)
    torch.save({"ema": FaceFeatures(2).state_dict()}, path)
    return str(path)


def made(name: str, data: Path, small: dict[str, object], weights: str, **more: object):
    module = module_of(name)
    own = {"features": "face", "features_weights": weights, "judge_width": 2.0}
    given = {**small, **({} if name == "ganmasker-seg" else own), **more}
    torch.manual_seed(0)
    return module.Recipe(data, module.Config(**given))


@pytest.mark.parametrize("name", NAMES)
def test_steps_lower_the_loss_and_a_stopped_training_goes_on(name, data, small, weights, tmp_path):
    module = module_of(name)
    for steps in (1, 2):  # a first step is at the beginning of any length
        recipe = made(name, data, small, weights, steps=steps, every_steps=10)
        Loop(recipe, tmp_path / "cut", recipe.config, resume=steps == 2).run()
    whole = made(name, data, small, weights, steps=2, every_steps=10)
    Loop(whole, tmp_path / "whole", whole.config).run()
    ours, theirs = recipe.nets["net"].state_dict(), whole.nets["net"].state_dict()
    assert all(torch.equal(ours[key], theirs[key]) for key in ours), "to the last bit"

    batch = next(whole.stream)
    whole.stream = itertools.repeat(batch)  # one batch again and again: the loss must fall
    rows = [whole.step(0.5) for _ in range(3)]
    assert set(rows[0]) == PARTS[name]
    assert np.isfinite([list(row.values()) for row in rows]).all()
    assert rows[-1][FALLING[name]] < rows[0][FALLING[name]]
    assert all(p.requires_grad for net in whole.nets.values() for p in net.parameters())

    path = tmp_path / "net.onnx"
    module.export(whole.nets["net"], path)
    assert worst_difference(whole.nets["net"], path, trials=1) < 1e-3


def test_the_settings_are_the_papers():
    c = {name: module_of(name).Config() for name in NAMES}
    assert [(c[n].rate, c[n].batch) for n in NAMES] == [
        (1e-3, 32), (1e-3, 32), (1e-4, 8), (1e-4, 16), (1.0, 96), (1e-4, 14), (2e-4, 6),
    ]  # fmt: skip
    assert (c["raunet"].residual, c["raunet"].gates) == ("add", True)
    assert (c["rn"].l1, c["rn"].adversarial, c["rn"].perceptual, c["rn"].style) == (
        1,
        0.1,
        0.1,
        250,
    )
    p = c["pconv"]
    assert (p.valid, p.hole, p.perceptual, p.style, p.tv) == (1, 6, 0.05, 120, 0.1)
    assert c["glcic"].adversarial == 4e-4
    assert {shapes_of(n) is not None for n in NAMES} == {True}
    assert shapes_of("raunet") == KINDS["blind"] and shapes_of("finder") is None


def test_ganmaskers_rate_falls_at_its_steps_or_at_the_same_shares():
    assert [stepped(p, (0.3, 0.6)) for p in (0.29, 0.3, 0.6)] == pytest.approx([1, 0.1, 0.01])
    paper = 62_500
    for step, factor in ((29_999, 1), (30_000, 0.1), (40_000, 0.01), (45_000, 1e-3)):
        assert ganmasker.fall(step / paper, paper) == pytest.approx(factor)
    assert ganmasker.fall(30_000 / 100_000, 100_000) == pytest.approx(0.1), (
        "a longer one keeps steps"
    )
    for steps in (1000, 0):  # 0: planned in minutes
        assert ganmasker.fall(0.479, steps) == 1 and ganmasker.fall(0.48, steps) == 0.1


def test_glcic_learns_alone_then_its_judge_alone_then_both(data, small, weights):
    phases = [made("glcic", data, small, weights).phase(p) for p in (0.1, 0.19, 0.2, 1)]
    assert phases == [(True, False), (False, True), (True, True), (True, True)]
    recipe = made("glcic", data, small, weights)
    before = [p.clone() for p in recipe.nets["net"].parameters()]
    assert set(recipe.step(0.19)) == {"judge"}
    assert all(map(torch.equal, before, recipe.nets["net"].parameters()))
    assert set(recipe.step(0.1)) == {"squared"}
    none = made("glcic", data, small, weights, adversarial=0.0)
    assert set(none.nets) == {"net"} and set(none.step(0.19)) == {"squared"}


def test_without_feature_weights_the_losses_must_be_left_out(data, small):
    module = module_of("rn")
    with pytest.raises(UserError, match="has no weights"):
        module.Recipe(data, module.Config(**small))
    none = {"perceptual": 0.0, "style": 0.0, "judge_width": 2.0}
    assert set(module.Recipe(data, module.Config(**small, **none)).step(0.5)) == {
        "l1", "adversarial", "judge",
    }  # fmt: skip


def test_rns_l1_is_of_the_hole_and_its_judge_learns_at_a_tenth(data, small, weights):
    recipe = made("rn", data, small, weights)
    truth, off = torch.full((1, 3, 256, 256), 0.5), torch.full((1, 3, 256, 256), 0.7)
    for side in (64, 128):  # however much of the crop is hole
        cover = torch.zeros(1, 1, 256, 256)
        cover[..., :side, :side] = 1
        assert recipe.losses((off,), truth, cover)["l1"] == pytest.approx(0.2, rel=1e-4)
    assert recipe.losses((off,), truth, torch.zeros(1, 1, 256, 256))["l1"] == 0
    recipe.step(0.5)
    rates = {k: o.param_groups[0]["lr"] for k, o in recipe.optimizers.items()}
    assert rates == {"net": pytest.approx(1e-4), "judge": pytest.approx(1e-5)}


def test_a_mask_is_painted_over_the_hole_that_others_are_given(data, small):
    faces = FaceCrops(data, "test", Path(str(small["cache"])))
    sample = faces.plain(0)
    masked, cover = painted(sample, np.random.default_rng(5))
    assert np.array_equal(cover, hole(sample, np.random.default_rng(5)))
    changed = (masked != sample.image).any(2) & sample.valid
    assert changed[cover > 0.5].mean() > 0.5
    assert changed[cover < 0.5].mean() < 0.1, "soft shadows may reach a little beyond"


def test_raunet_is_blind_to_the_hole_and_told_of_it_only_in_validation(data, small, weights):
    recipe = made("raunet", data, small, weights)
    inputs, truth, cover = recipe.given(next(recipe.stream))
    assert len(inputs) == 1 and inputs[0].shape == truth.shape
    assert ((inputs[0] - truth).abs() * cover).mean() > (
        (inputs[0] - truth).abs() * (1 - cover)
    ).mean()
    net = recipe.nets["net"].eval()
    filled = recipe.inpainted(net, recipe.held)
    outside = (recipe.held["hole"] == 0).expand_as(filled)
    assert torch.equal(filled[outside], recipe.held["image"][outside])


def test_blind_training_opens_as_an_engine_that_takes_the_picture_alone(
    data, small, weights, tmp_path
):
    settings = raunet.Config(width=2.0)
    (tmp_path / "config.toml").write_text(config.text(settings))
    checkpoint.save_slim(tmp_path / "slim.pt", raunet.network(settings), "raunet")
    with open_run(tmp_path) as engine:
        out = engine(image=np.zeros((1, 3, 256, 256), np.float32))["image_out"]
    assert set(engine.inputs) == {"image"} and out.shape == (1, 3, 256, 256)
    assert glcic.ROWS and raunet.ENGINE == "blind"


@pytest.mark.parametrize("name", [n for n in NAMES if n != "pconv"])
def test_other_sides_are_trained_too(name, data, small, weights):
    recipe = made(name, data, small, weights, side=128)
    row = recipe.step(0.1)
    assert np.isfinite(list(row.values())).all()
    assert recipe.picture(recipe.nets["net"].eval()).dtype == np.uint8


@pytest.mark.parametrize(
    ("name", "side", "said"),
    [("pconv", 128, "wants a multiple of 256"), ("glcic", 192, "wanted a power of 2")],
)
def test_a_side_that_a_network_cannot_halve_is_refused(name, side, said, data, small, weights):
    with pytest.raises(UserError, match=said):
        made(name, data, small, weights, side=side)
