from __future__ import annotations

import numpy as np
import pytest
import tiny_faces
import torch

from train.data import patches
from train.evaluate_finder import OnnxNetwork, evaluate, report
from train.evaluate_finder_sheet import matches
from train.networks.finder import Finder, geometry
from train.recipes.finder import Config, Recipe
from train.recipes.finder_loss import focal, shape_losses, targets
from unmask_live.errors import UserError

GRID = (48, 80)


def some_faces():
    boxes = torch.zeros(2, 3, 4)
    kinds = torch.zeros(2, 3, dtype=torch.long)
    boxes[0, 0], kinds[0, 0] = torch.tensor([100.0, 40, 180, 140]), 1
    boxes[0, 1], kinds[0, 1] = torch.tensor([10.0, 10, 20, 22]), 1
    boxes[0, 2], kinds[0, 2] = torch.tensor([240.0, 60, 300, 140]), 2
    return boxes, kinds, torch.rand(2, 3, 5, 2) * 100


def test_targets_are_one_at_each_centre_and_silent_where_ignored():
    boxes, kinds, _ = some_faces()
    heat, weight, owner = targets(boxes, kinds, GRID)
    assert (heat == 1).sum() == 2
    assert heat[0, 22, 35] == 1
    assert heat[0, 4, 3] == 1
    assert owner[0, 4, 3] == 1
    assert heat[1].max() == 0
    assert weight[0, 25, 67] == 0
    assert weight[0, 22, 35] == 1
    assert weight[1].min() == 1


def test_perfect_answers_cost_nothing():
    boxes, kinds, keypoints = some_faces()
    heat, weight, owner = targets(boxes, kinds, GRID)
    said = torch.zeros(2, 14, *GRID)
    rows, columns = torch.meshgrid(torch.arange(48.0), torch.arange(80.0), indexing="ij")
    here = torch.stack([columns, rows]) + 0.5
    for picture in range(2):
        box = boxes[picture][owner[picture]].permute(2, 0, 1) / 4
        five = keypoints[picture][owner[picture]].permute(2, 3, 0, 1) / 4
        said[picture, :4] = torch.cat([here - box[:2], box[2:] - here])
        said[picture, 4:] = (five - here[None]).reshape(10, *GRID)
    box_loss, point_loss = shape_losses(said, heat, owner, boxes, keypoints)
    assert float(box_loss) == pytest.approx(0, abs=1e-5)
    assert float(point_loss) == pytest.approx(0, abs=1e-5)
    right = torch.where(heat >= 1, 9.0, -9.0)
    assert float(focal(right, heat, weight)) < 0.01 < float(focal(-right, heat, weight))


def test_an_empty_batch_has_finite_losses():
    boxes, kinds, keypoints = torch.zeros(1, 3, 4), torch.zeros(1, 3, dtype=torch.long), None
    heat, weight, owner = targets(boxes, kinds, GRID)
    keypoints = torch.zeros(1, 3, 5, 2)
    parts = shape_losses(torch.zeros(1, 14, *GRID), heat, owner, boxes, keypoints)
    assert all(torch.isfinite(p) for p in (*parts, focal(torch.zeros(1, *GRID), heat, weight)))


def test_geometry_stays_finite_for_wild_numbers():
    wild = torch.full((1, 14, 2, 2), 1e4)
    assert torch.isfinite(geometry(wild)).all()
    assert (geometry(-wild)[:, :4] > 0).all()


def test_the_network_fits_its_budget():
    net = Finder()
    assert 100_000 < sum(p.numel() for p in net.parameters()) < 260_000
    heat, shape = net.eval()(torch.rand(1, 3, 192, 320))
    assert heat.shape == (1, 1, 48, 80)
    assert shape.shape == (1, 14, 48, 80)


@pytest.mark.parametrize(
    ("found", "same"),
    [
        ([0, 0, 100, 100], True),
        ([0, -25, 100, 105], True),
        ([20, 20, 85, 85], True),
        ([0, 0, 30, 30], False),
        ([90, 0, 190, 100], False),
        ([-100, -100, 200, 200], False),
    ],
)
def test_what_counts_as_the_same_face(found, same):
    truth = np.array([[0.0, 0, 100, 100]])
    assert matches(truth, np.array([found], float))[0, 0] == same
    assert matches(truth, np.zeros((0, 4))).shape == (1, 0)


def test_another_cut_of_faces_is_refused_since_whole_frames_are_seen(tmp_path):
    for own in ({"side": 512}, {"cut": "middle"}, {"turned": 1.0}):
        with pytest.raises(UserError, match="sees whole frames"):
            Recipe(tmp_path, Config(**own))


def test_from_training_to_figures(tmp_path):
    """One way through: bank, steps, validation, picture, ONNX equal to torch, evaluation."""
    data = tiny_faces.write(tmp_path / "data")
    for split in ("train", "val"):
        patches.build(data, tmp_path / "bank", split, 6, lambda i, *_: i, lambda i, *_: i)
    config = Config(batch=4, bank=str(tmp_path / "bank"), count=6, workers=0, validation=8)
    recipe = Recipe(data, config)
    first = recipe.step(0.1)
    for _ in range(6):
        last = recipe.step(0.1)
    assert set(last) == {"heat", "box", "points", "hard"}
    assert last["heat"] + last["box"] < first["heat"] + first["box"]
    net = recipe.nets["net"]
    assert {"recall", "false", "points"} <= set(recipe.validate(net))
    assert recipe.picture(net).dtype == np.uint8

    path = tmp_path / "finder.onnx"
    recipe.export(net, path)
    image = np.random.default_rng(0).random((1, 3, 192, 320), np.float32)
    engine = OnnxNetwork(path)
    with torch.no_grad():
        heat, shape = net.eval()(torch.from_numpy(image))
    ours = engine(image=image)
    np.testing.assert_allclose(ours["heat"], heat, atol=1e-3)
    np.testing.assert_allclose(ours["geometry"], shape, rtol=1e-2, atol=1e-2)

    table = evaluate(engine, data, sheet=tmp_path / "sheet.png", most=2, paint=lambda i, *_: i)
    assert table["photographs"]["count"] == 1
    assert "keypoints masked" in report(table)
