from __future__ import annotations

from pathlib import Path

import numpy as np
import portrait_faces
import pytest
import torch

from train.networks.features import FaceFeatures
from train.recipes import features, mcsam, unet
from train.schedule import level_then_linear
from unmask_live.errors import UserError


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return portrait_faces.write(tmp_path_factory.mktemp("data"), 3)


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("cache")
    return {"batch": 2, "workers": 0, "cache": str(folder)}


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("weights") / "features.pt"
    torch.manual_seed(0)
    torch.save({"ema": FaceFeatures(4).state_dict()}, path)
    return str(path)


def paper(small, weights, **more: object) -> mcsam.Config:
    own = {"width": 4, "features": "face", "features_weights": weights, "judge_width": 4}
    return mcsam.Config(**{**small, **own, "feature_judge_width": 8, **more})


def test_the_settings_are_the_papers():
    c = mcsam.Config()
    assert (c.l1, c.perceptual, c.style, c.adversarial) == (1, 0.1, 250, 0.1)
    assert (c.rate, mcsam.BETAS, c.batch) == (2e-4, (0.5, 0.999), 16)
    assert (c.features, c.supervision, c.attention) == ("vgg16", "local", "csam")
    assert [level_then_linear(p) for p in (0, 0.16, 1)] == [1, 1, 0]
    assert level_then_linear(7 / 12) == pytest.approx(0.5)


def test_every_part_takes_a_step(data, small, weights):
    recipe = mcsam.Recipe(data, paper(small, weights))
    before = {k: [p.clone() for p in n.parameters()] for k, n in recipe.nets.items()}
    row = recipe.step(0.1)
    assert {"l1", "perceptual", "style", "adversarial", "judge", "feature_judge"} == set(row)
    assert all(np.isfinite(v) and v > 0 for v in row.values())
    for key, net in recipe.nets.items():
        assert any(
            not torch.equal(a, b) for a, b in zip(before[key], net.parameters(), strict=True)
        )
        assert all(p.requires_grad for p in net.parameters())
    assert all(not p.requires_grad for p in recipe.features.parameters())
    net = recipe.nets["net"].eval()
    assert np.isfinite(list(recipe.validate(net).values())).all()
    assert recipe.picture(net).shape == (256, 4 * 3 * 256, 3)


@pytest.mark.parametrize(("supervision", "learns"), [("local", False), ("full", True)])
def test_outside_the_hole_only_full_supervision_learns(data, small, weights, supervision, learns):
    config = paper(small, weights, supervision=supervision)
    recipe = mcsam.Recipe(data, config)
    batch = next(recipe.stream)
    truth, cover = batch["image"].float() / 255, batch["hole"].float()
    filled = torch.rand_like(truth, requires_grad=True)
    seen = mcsam.losses.supervised(truth, filled, cover, supervision)
    parts, _ = recipe._losses(seen, truth, cover)
    torch.stack(list(parts.values())).sum().backward()
    outside = (filled.grad * (1 - cover)).abs().max()
    assert (outside > 0) == learns and (filled.grad * cover).abs().max() > 0


def test_without_feature_losses_no_weights_are_needed(data, small):
    none = {"perceptual": 0.0, "style": 0.0, "adversarial": 0.0}
    recipe = mcsam.Recipe(data, mcsam.Config(**small, width=4, **none))
    assert set(recipe.nets) == {"net"} and set(recipe.step(0.5)) == {"l1"}
    with pytest.raises(UserError, match="has no weights"):
        mcsam.Recipe(data, mcsam.Config(**small, width=4))


def test_bf16_trains_too(data, small, weights):
    recipe = mcsam.Recipe(data, paper(small, weights, precision="bf16"))
    rows = [recipe.step(0.1) for _ in range(2)]
    assert all(np.isfinite(list(row.values())).all() for row in rows)
    assert recipe.machine.skipped == 0
    assert {p.dtype for p in recipe.nets["net"].parameters()} == {torch.float32}


def test_the_unet_learns_by_cross_entropy_alone(data, small):
    recipe = unet.Recipe(data, unet.Config(**small, width=4))
    torch.manual_seed(0)
    rows = [recipe.step(0.1) for _ in range(6)]
    assert all(set(row) == {"bce"} for row in rows)
    assert recipe.optimizers["net"].param_groups[0]["lr"] == 2e-4
    assert rows[-1]["bce"] < rows[0]["bce"]
    assert recipe.picture(recipe.nets["net"].eval()).dtype == np.uint8


def test_the_feature_network_descends_and_serves_the_losses(data, small, tmp_path):
    torch.manual_seed(0)
    recipe = features.Recipe(data, features.Config(**small, width=4))
    before = recipe.validate(recipe.nets["net"].eval())
    recipe.nets["net"].train()
    rows = [recipe.step(0.1) for _ in range(12)]
    assert np.mean([r["marks"] for r in rows[-3:]]) < np.mean([r["marks"] for r in rows[:3]])
    net = recipe.nets["net"].eval()
    after = recipe.validate(net)
    assert after["marks_pixels"] < before["marks_pixels"]
    assert recipe.picture(net).shape == (256, 6 * 256, 3)
    torch.save({"ema": net.state_dict()}, tmp_path / "last.pt")
    config = paper(small, str(tmp_path / "last.pt"))
    assert mcsam.Recipe(data, config).step(0.1)["perceptual"] > 0
