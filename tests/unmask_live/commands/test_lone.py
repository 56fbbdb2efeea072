from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from unmask_live.commands.lone import lone_engine
from unmask_live.commands.matmul_onnx import matmul_onnx
from unmask_live.errors import UserError
from unmask_live.runtime import cache


@pytest.fixture
def product(tmp_path: Path) -> Path:
    path = tmp_path / "product.onnx"
    path.write_bytes(matmul_onnx(16))
    return path


@pytest.mark.parametrize("backend", ["openvino:fp32", "onnxruntime:cpu"])
def test_runs_on_the_backend_asked_for_and_is_closed(product: Path, backend: str) -> None:
    x = np.ones((1, 16, 16), np.float32)
    with lone_engine(product, backend=backend, threads=1) as engine:
        assert engine.name == "product"
        assert "1 thread)" in engine.backend
        assert engine(x=x)["y"].shape == (1, 16, 16)
    with pytest.raises(RuntimeError, match="closed"):
        engine(x=x)


def test_nothing_stays_in_the_cache(
    product: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "cache"
    monkeypatch.setenv(cache.VARIABLE, str(kept))
    with lone_engine(product, backend="openvino:fp32", threads=1):
        assert os.environ[cache.VARIABLE] == str(kept)
    assert not kept.exists()
    monkeypatch.delenv(cache.VARIABLE)
    with pytest.raises(UserError), lone_engine(product, backend="openvino:int4", threads=1):
        pass
    assert cache.VARIABLE not in os.environ
