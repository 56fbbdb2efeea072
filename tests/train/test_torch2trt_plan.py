from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest
import torch

from train import torch2trt_plan
from train.recipes import segmenter
from unmask_live.runtime import load_manifest


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    path = tmp_path / "last.pt"
    torch.save({"ema": segmenter.network().state_dict()}, path)
    return path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict:
    """A torch2trt with the signature of its releases; what it was asked is noted."""
    noted: dict = {}

    def torch2trt(
        module,
        inputs,
        input_names=None,
        output_names=None,
        fp16_mode=False,
        min_shapes=None,
        max_shapes=None,
        opt_shapes=None,
    ):
        noted.update(locals(), made=module(*inputs))
        engine = types.SimpleNamespace(serialize=lambda: b"the plan")
        return types.SimpleNamespace(engine=engine)

    fake = types.ModuleType("torch2trt")
    fake.torch2trt = torch2trt
    monkeypatch.setitem(sys.modules, "torch2trt", fake)
    return noted


def tensorrt(version: str, *flags: str) -> types.ModuleType:
    fake = types.ModuleType("tensorrt")
    fake.__version__ = version
    fake.BuilderFlag = types.SimpleNamespace(**dict.fromkeys(flags, 1))
    return fake


def test_the_network_is_converted_for_batches_by_name(
    checkpoint: Path, asked: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", tensorrt("10.16.0", "FP16"))
    plan = tmp_path / "plan"
    words = ["segmenter", "--checkpoint", str(checkpoint), "--plan", str(plan), "--device", "cpu"]
    torch2trt_plan.main(words)
    assert plan.read_bytes() == b"the plan"
    assert asked["input_names"] == list(load_manifest()["segmenter"].inputs)
    assert asked["output_names"] == ["matte"]
    assert asked["fp16_mode"] is True
    assert asked["min_shapes"] == asked["opt_shapes"] == [(1, 3, 256, 256)]
    assert asked["max_shapes"] == [(8, 3, 256, 256)]
    assert asked["made"].shape == (1, 1, 256, 256)
    assert not asked["module"].training


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (None, "TensorRT is not installed"),
        (tensorrt("11.4.1", "TF32"), "torch2trt needs TensorRT 10 and 11.4.1 is installed"),
    ],
)
def test_what_it_cannot_do_is_one_line(
    checkpoint: Path, tmp_path: Path, monkeypatch, capsys, module, message: str
) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", module)
    with pytest.raises(SystemExit) as ended:
        torch2trt_plan.main(
            ["segmenter", "--checkpoint", str(checkpoint), "--plan", str(tmp_path / "plan")]
        )
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert message in told and told.count("\n") == 1
    assert not (tmp_path / "plan").exists()
