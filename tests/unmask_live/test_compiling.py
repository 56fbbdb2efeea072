from __future__ import annotations

import pytest

from unmask_live.compiling import EVERY, Compiling, compiles


@pytest.mark.parametrize(
    ("text", "slow"),
    [
        ("TensorRT 11.4.1 NVIDIA L4 FP16, CUDA graph", True),
        ("ONNX Runtime 1.22.0 Tensorrt, FP16", True),
        ("ONNX Runtime 1.22.0 CUDA", False),
        ("OpenVINO 2026.1 CPU FP32 (a chip, 1 thread), not tensorrt: no GPU", False),
    ],
)
def test_who_compiles_for_minutes(text: str, slow: bool) -> None:
    assert compiles({"finder": "OpenVINO 2026.1 CPU FP32", "inpainter": text}) is slow


def test_it_is_told_now_and_then_and_given_up_when_nobody_wants_it() -> None:
    said: list[str] = []
    now, wanted = 0.0, True
    report = Compiling(said.append, lambda: wanted, lambda: now)
    for now in (0.0, 0.1, EVERY - 0.1, EVERY, EVERY + 0.1):
        assert report("Building", int(now), 10) is True
    assert len(said) == 2
    assert "Building, step 0 of 10" in said[0]
    assert f"step {EVERY:.0f} of 10" in said[1]
    wanted = False
    assert report("Building", 9, 10) is False
