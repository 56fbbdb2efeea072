from __future__ import annotations

from pathlib import Path

import numpy as np
import portrait_faces
import pytest
import torch
from torch import nn

from train import checkpoint
from train import config as settings
from train.ema import Ema
from train.machine import Machine
from train.recipes import inpainter, inpainter_residual, segmenter
from train.teacher import Teacher, attention, fading, of_attention, open_teacher
from unmask_live.errors import UserError


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return portrait_faces.write(tmp_path_factory.mktemp("data"), 2)


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> dict[str, object]:
    cache = str(tmp_path_factory.mktemp("cache"))
    return {"batch": 2, "workers": 0, "validation": 1, "cache": cache, "in_memory": False}


def left_by(recipe, folder: Path) -> Path:
    """Write what `train.fit` leaves."""
    folder.mkdir()
    checkpoint.save(folder / "last.pt", recipe, Ema(recipe.nets["net"]), {"step": 0})
    (folder / "config.toml").write_text(settings.text(recipe.config), encoding="utf-8")
    return folder


def test_a_student_comes_nearer_to_its_teacher_whatever_its_form(data, small, tmp_path):
    """The teacher paints one colour, which no truth would teach."""
    torch.manual_seed(0)
    teacher = inpainter.Recipe(data, inpainter.Config(**small, widths=(4, 8, 16)))
    last = teacher.nets["net"].to_full[0]
    nn.init.zeros_(last.weight)
    nn.init.constant_(last.bias, 4.0)
    folder = left_by(teacher, tmp_path / "teacher")
    own = {"teacher": str(folder), "distil": 50.0, "distil_features": 1.0, "rate": 1e-2}
    config = inpainter_residual.Config(**small, width=4.0, stem=2, **own)
    student = inpainter_residual.Recipe(data, config)
    rows = [student.step(0.01) for _ in range(12)]
    assert rows[-1]["teacher"] < 0.7 * rows[0]["teacher"]
    assert rows[-1]["l1"] > 0 and all(0 < row["features"] <= 2**0.5 for row in rows)
    assert {"teacher", "features"}.isdisjoint(student.step(0.8)), "the truth alone teaches at last"


def test_a_teacher_does_not_learn_and_is_in_no_checkpoint(data, small, tmp_path):
    teacher = left_by(
        inpainter.Recipe(data, inpainter.Config(**small, widths=(4, 8, 16))), tmp_path / "t"
    )
    config = inpainter.Config(**small, widths=(4, 8, 16), teacher=str(teacher))
    recipe = inpainter.Recipe(data, config)
    before = [p.clone() for p in recipe.teacher.net.parameters()]
    recipe.step(0.1)
    assert all(map(torch.equal, before, recipe.teacher.net.parameters()))
    assert set(recipe.nets) == {"net", "judge"}
    resumed = inpainter.Recipe(data, config)
    checkpoint.save(tmp_path / "some.pt", recipe, Ema(recipe.nets["net"]), {"step": 1})
    assert checkpoint.load(tmp_path / "some.pt", resumed, Ema(resumed.nets["net"]))["step"] == 1


def test_what_ships_can_teach():
    teacher = open_teacher("engines/inpainter.onnx", Machine(), features=True)
    image, matte = torch.rand(1, 3, 256, 256), torch.zeros(1, 1, 256, 256)
    matte[..., 120:220, 60:200] = 1
    made = teacher.fill(image * (1 - matte), matte)
    assert made.shape == image.shape and made.min() >= 0 and made.max() <= 1
    assert teacher.features.shape == (1, 160, 16, 16) and not made.requires_grad


def test_several_teach_what_they_make_in_the_mean():
    names = ["engines/inpainter.onnx", "engines/inpainter-small.onnx"]
    image, matte = torch.rand(1, 3, 256, 256), torch.zeros(1, 1, 256, 256)
    matte[..., 120:220, 60:200] = 1
    alone = [open_teacher(name, Machine(), features=False).fill(image, matte) for name in names]
    both = open_teacher(", ".join(names), Machine(), features=False)
    assert torch.allclose(both.fill(image, matte), (alone[0] + alone[1]) / 2, atol=1e-5)
    with pytest.raises(UserError, match="no middle to compare"):
        open_teacher(", ".join(names), Machine(), features=True)
    with pytest.raises(UserError, match=r"none\.onnx is missing"):
        open_teacher("engines/inpainter.onnx,none.onnx", Machine(), features=False)


def test_weights_below_nothing_are_refused():
    for own, said in (
        ({"distil": -1.0}, "distil is -1, wanted 0 or more"),
        ({"ssim": -1.0}, "ssim is -1"),
        ({"distil_until": 5.0}, "a share from 0 to 1"),
    ):
        with pytest.raises(UserError, match=said):
            inpainter.Config(**own)


def test_who_cannot_teach_is_refused(data, small, tmp_path):
    with pytest.raises(UserError, match="is missing"):
        open_teacher(str(tmp_path / "none.onnx"), Machine(), features=False)
    with pytest.raises(UserError, match=r"segmenter\.onnx is of segmenter, which fills no hole"):
        open_teacher("engines/segmenter.onnx", Machine(), features=False)
    with pytest.raises(UserError, match="is no training"):
        open_teacher(str(tmp_path), Machine(), features=False)
    own = {k: v for k, v in small.items() if k != "in_memory"}
    folder = left_by(segmenter.Recipe(data, segmenter.Config(**own)), tmp_path / "seg")
    with pytest.raises(UserError, match="fills no hole"):
        open_teacher(str(folder), Machine(), features=False)


def test_without_a_middle_only_outputs_are_compared(monkeypatch, tmp_path):
    monkeypatch.setattr("train.teacher.load_run", lambda _path: ("pconv", nn.Identity()))
    assert isinstance(open_teacher(str(tmp_path), Machine(), features=False), Teacher)
    with pytest.raises(UserError, match="no middle"):
        open_teacher(str(tmp_path), Machine(), features=True)


def test_a_teachers_weight_falls_to_nothing():
    assert [fading(p, 0.5) for p in (0, 0.25, 0.5, 1)] == [1, 0.5, 0, 0]
    assert fading(0, 0) == 0


def test_attentions_of_other_widths_compare_and_know_where_not_how_much():
    maps = torch.rand(2, 6, 8, 8)
    assert attention(maps).shape == (2, 64)
    assert of_attention(maps, torch.cat([maps, maps], 1) * 3) < 1e-5
    assert of_attention(maps, maps.flip(-1)) > 0.05
    assert np.isclose(float(attention(maps).norm(dim=1)[0]), 1)
