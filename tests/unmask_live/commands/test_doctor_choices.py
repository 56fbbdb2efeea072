from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import fake_mediapipe
import pytest

from unmask_live.commands import doctor_choices
from unmask_live.commands.check import Check
from unmask_live.runtime import choose
from unmask_live.vision import mediapipe_find


def found(name: str) -> Check | None:
    return {check.name: check for check in doctor_choices.examine_choices()}.get(name)


def only(monkeypatch: pytest.MonkeyPatch, packages: tuple[str, ...], *providers: str) -> None:
    """Let these backends be installed, and ONNX Runtime have these providers."""
    monkeypatch.setattr(choose, "_is_installed", lambda name: name in packages)
    runtime = SimpleNamespace(get_available_providers=lambda: list(providers))
    there = runtime if "onnxruntime" in packages else None
    monkeypatch.setitem(sys.modules, "onnxruntime", there)  # None: importing it fails


def test_what_backend_takes_is_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, ("openvino", "onnxruntime"), "CPUExecutionProvider", "UnheardOf")
    monkeypatch.setattr(doctor_choices, "_precisions", lambda: ["fp32", "bf16", "int8"])
    check = found("--backend takes")
    assert check is not None and check.ok and not check.essential
    assert check.detail == (
        "auto, openvino, openvino:fp32, openvino:bf16, openvino:int8, onnxruntime, onnxruntime:cpu"
    )


def test_what_backend_takes_is_what_the_processor_computes_in() -> None:
    from unmask_live.runtime.openvino_core import capabilities, the_core

    taken = doctor_choices.choices()
    assert "openvino:fp32" in taken
    for precision in ("bf16", "int8"):
        able = precision.upper() in capabilities(the_core())
        assert (f"openvino:{precision}" in taken) is able


def test_what_backend_takes_without_onnx_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, ("openvino",))
    check = found("--backend takes")
    assert check is not None and "onnxruntime" not in check.detail


def test_mediapipe_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    check = found("--finder mediapipe")
    assert check is not None and not check.ok and not check.essential
    assert check.detail.startswith("MediaPipe is not installed")
    assert check.fix == "pip install 'unmask-live[mediapipe]'"


@pytest.mark.parametrize("carries", [True, False])
def test_mediapipe_with_and_without_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, carries: bool
) -> None:
    monkeypatch.delenv(mediapipe_find.VARIABLE, raising=False)
    monkeypatch.setattr(mediapipe_find.metadata, "version", lambda name: "0.9")
    for name, module in fake_mediapipe.modules(tmp_path, carries_model=carries).items():
        monkeypatch.setitem(sys.modules, name, module)
    check = found("--finder mediapipe")
    assert check is not None and check.ok is carries
    if carries:
        assert check.detail.startswith("MediaPipe 0.9 CPU (face_detection")
    else:
        assert check.detail == "the installed MediaPipe carries no face model"
        assert check.fix.startswith("download one ")


def test_mediapipe_that_cannot_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("libGL is\nmissing")

    monkeypatch.setattr(mediapipe_find, "_package", broken)
    check = found("--finder mediapipe")
    assert check is not None and check.detail == "cannot be loaded: libGL is missing"


@pytest.fixture(params=["driver", "tool"])
def gpu(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An NVIDIA GPU is seen in one of the two ways."""
    place = tmp_path if request.param == "driver" else tmp_path / "none"
    monkeypatch.setattr(doctor_choices, "NVIDIA", place)
    tool = "/usr/bin/nvidia-smi" if request.param == "tool" else None
    monkeypatch.setattr(doctor_choices.shutil, "which", lambda name: tool)


CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


@pytest.mark.usefixtures("gpu")
def test_a_gpu_that_nothing_installed_uses_is_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, ("openvino", "onnxruntime"), CPU)
    check = found("NVIDIA GPU")
    assert check is not None and not check.ok and not check.essential
    assert "pip install 'unmask-live[gpu]'" in check.fix


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize(
    ("packages", "providers"),
    [(("openvino", "tensorrt"), ()), (("openvino", "onnxruntime"), (CUDA, CPU))],
)
def test_nothing_is_said_where_something_uses_the_gpu(
    monkeypatch: pytest.MonkeyPatch, packages: tuple, providers: tuple
) -> None:
    only(monkeypatch, packages, *providers)
    assert found("NVIDIA GPU") is None


def test_nothing_is_said_without_a_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, ("openvino",))
    monkeypatch.setattr(doctor_choices, "NVIDIA", tmp_path / "none")
    monkeypatch.setattr(doctor_choices.shutil, "which", lambda name: None)
    assert found("NVIDIA GPU") is None
