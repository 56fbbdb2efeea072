"""What is done with torch2trt's plans; the conversion itself is tested beside train/."""

from __future__ import annotations

import types
from pathlib import Path

import numpy as np
import pytest

from unmask_live.errors import UserError
from unmask_live.runtime import cuda, load_manifest, open_engine, torch2trt
from unmask_live.runtime.plans import Plans
from unmask_live.runtime.tensorrt import plan_key
from unmask_live.runtime.tensorrt_build import build


@pytest.fixture
def made(world, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engines: Path) -> list[str]:
    """torch2trt's process writes a plan of the sum; the precisions it was asked for."""
    asked: list[str] = []
    entry = load_manifest(engines)["sum"]

    def process(words: list[str], **_: object) -> types.SimpleNamespace:
        given = dict(zip(words[4::2], words[5::2], strict=True))
        asked.append(given["--precision"])
        device = cuda.shared_device()
        with device.current():
            key = plan_key(entry, asked[-1], device, world.version)
            Path(given["--plan"]).write_bytes(build(entry.path, key, Plans(tmp_path), None))
        return types.SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(torch2trt, "find_spec", lambda name: object())
    monkeypatch.setattr(torch2trt.subprocess, "run", process)
    (tmp_path / "last.pt").write_bytes(b"weights")
    return asked


def spoil(kind: str, made: dict[str, np.ndarray]) -> None:
    if kind == "fp16":
        made["total"] *= 1.5


def test_16_bits_that_are_wrong_give_way_to_32(world, made, engines: Path, tmp_path: Path) -> None:
    world.spoil = spoil
    said: list[str] = []
    entry = load_manifest(engines)["sum"]
    text = torch2trt.build_from_checkpoint(entry, tmp_path / "last.pt", said.append)
    assert made == ["fp16", "fp32"]
    assert "FP32 via torch2trt, fp16 refused: output 'total' is off by" in text
    assert len(said) == 1 and said[0].startswith("TensorRT via torch2trt: fp16 refused: output")
    with open_engine(
        "sum", backend="tensorrt", directory=engines, build=False, say=said.append
    ) as engine:
        assert " FP32, fp16 refused: output 'total' is off by" in engine.backend


def test_a_checkpoint_of_something_else_refuses_no_plan(
    world, made, engines: Path, tmp_path: Path
) -> None:
    world.spoil = lambda kind, made: made["total"].__imul__(1.5)
    entry = load_manifest(engines)["sum"]
    with pytest.raises(UserError, match=r"is not the sum of the manifest .output 'total' is off"):
        torch2trt.build_from_checkpoint(entry, tmp_path / "last.pt")
    world.spoil = None
    with open_engine("sum", backend="tensorrt", directory=engines, say=print) as engine:
        assert " FP16," in engine.backend
