from __future__ import annotations

import io
import sys
import types
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from train import torch2trt_plan
from train.fit import module_of
from train.recipes import segmenter
from unmask_live.runtime import load_manifest


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    path = tmp_path / "last.pt"
    torch.save({"ema": segmenter.network().state_dict()}, path)
    return path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict:
    """A torch2trt with the signature of its releases, which exports as it does by ``use_onnx``.

    Its "plan" is the ONNX file that TensorRT would be given; what it was asked is noted.
    """
    noted: dict = {}

    def torch2trt(
        module,
        inputs,
        input_names=None,
        output_names=None,
        fp16_mode=False,
        max_workspace_size=1 << 25,
        use_onnx=False,
        min_shapes=None,
        max_shapes=None,
        opt_shapes=None,
    ):
        noted.update(locals(), made=module(*inputs))
        if not use_onnx:
            raise RuntimeError("no converter for torch.nn.functional.pixel_unshuffle")
        file = io.BytesIO()
        torch.onnx.export(
            module,
            tuple(inputs),
            file,
            input_names=input_names,
            output_names=output_names,
            dynamic_axes={n: {0: f"input_{i}_axis_0"} for i, n in enumerate(input_names)},
            dynamo=False,
        )
        engine = types.SimpleNamespace(serialize=file.getvalue)
        return types.SimpleNamespace(engine=engine)

    fake = types.ModuleType("torch2trt")
    fake.torch2trt = torch2trt
    monkeypatch.setitem(sys.modules, "torch2trt", fake)
    return noted


def tensorrt(version: str) -> types.ModuleType:
    fake = types.ModuleType("tensorrt")
    fake.__version__ = version
    return fake


@pytest.mark.parametrize("version", ["10.16.0", "11.4.1"])
def test_the_network_is_converted_for_batches_by_name(
    checkpoint: Path, asked: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", tensorrt(version))
    plan = tmp_path / "plan"
    words = ["segmenter", "--checkpoint", str(checkpoint), "--plan", str(plan), "--device", "cpu"]
    torch2trt_plan.main(words)
    assert plan.stat().st_size > 1000
    assert asked["input_names"] == list(load_manifest()["segmenter"].inputs)
    assert asked["output_names"] == ["matte"]
    assert asked["fp16_mode"] is True
    assert asked["min_shapes"] == asked["opt_shapes"] == [(1, 3, 256, 256)]
    assert asked["max_shapes"] == [(8, 3, 256, 256)]
    assert asked["made"].shape == (1, 1, 256, 256)
    assert not asked["module"].training
    torch2trt_plan.main([*words, "--precision", "fp32"])
    assert asked["fp16_mode"] is False


@pytest.mark.parametrize("name", ["finder", "segmenter", "inpainter", "inpainter-small"])
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
def test_what_tensorrt_is_given_computes_the_network_for_any_batch(
    asked: dict, tmp_path: Path, name: str
) -> None:
    torch.manual_seed(0)
    net = module_of(name).network()
    torch.save({"ema": net.state_dict()}, tmp_path / "last.pt")
    entry = load_manifest()[name]
    data = torch2trt_plan.convert(entry, tmp_path / "last.pt", device="cpu")
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    for count in (1, 3):
        given = [torch.rand(count, *spec.shape[1:]) for spec in entry.inputs.values()]
        with torch.no_grad():
            wanted = net.eval()(*given)
        arrays = {key: one.numpy() for key, one in zip(entry.inputs, given, strict=True)}
        made = session.run(list(entry.outputs), arrays)
        for one, other in zip(
            made, wanted if isinstance(wanted, tuple) else (wanted,), strict=True
        ):
            np.testing.assert_allclose(one, other.numpy(), atol=1e-4)


def unknown_flag(*_: object, **__: object) -> None:
    raise AttributeError("type object 'BuilderFlag' has no attribute 'FP16'")


@pytest.mark.parametrize(
    ("tensorrt_module", "converter", "message"),
    [
        (None, unknown_flag, "TensorRT is not installed"),
        (tensorrt("11.4.1"), None, "torch2trt needs a package that cannot be imported"),
        (tensorrt("11.4.1"), unknown_flag, "has no attribute 'FP16' (TensorRT 11.4.1; it takes a"),
    ],
)
def test_what_it_cannot_do_is_one_line(
    checkpoint: Path, tmp_path: Path, monkeypatch, capsys, tensorrt_module, converter, message: str
) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", tensorrt_module)
    fake = types.ModuleType("torch2trt")
    fake.torch2trt = converter
    monkeypatch.setitem(sys.modules, "torch2trt", None if converter is None else fake)
    words = ["--checkpoint", str(checkpoint), "--plan", str(tmp_path / "plan"), "--device", "cpu"]
    with pytest.raises(SystemExit) as ended:
        torch2trt_plan.main(["segmenter", *words])
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert message in told and told.count("\n") == 1
    assert not (tmp_path / "plan").exists()
