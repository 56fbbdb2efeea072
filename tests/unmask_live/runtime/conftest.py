"""A tiny real network, made on the spot, with a manifest beside it; a pretended GPU."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from unmask_live.runtime import cuda, cuda_graph


def write_network(path: Path, factor: float = 2.0) -> None:
    """total = image + 2 * matte, both (1, 1, 4, 4): asymmetric, so swapped inputs show."""
    shape = [1, 1, 4, 4]
    ports = [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n in ("image", "matte")]
    total = helper.make_tensor_value_info("total", TensorProto.FLOAT, shape)
    two = helper.make_tensor("two", TensorProto.FLOAT, [1], [factor])
    nodes = [
        helper.make_node("Mul", ["matte", "two"], ["twice"]),
        helper.make_node("Add", ["image", "twice"], ["total"]),
    ]
    graph = helper.make_graph(nodes, "sum", ports, [total], [two])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(path))


@pytest.fixture
def engines(tmp_path: Path) -> Path:
    write_network(tmp_path / "sum.onnx")
    spec = {"shape": [1, 1, 4, 4], "dtype": "float32", "range": [0, 1], "meaning": "any"}
    entry = {
        "file": "sum.onnx",
        "sha256": hashlib.sha256((tmp_path / "sum.onnx").read_bytes()).hexdigest(),
        "version": "1",
        "inputs": {"image": spec, "matte": spec},
        "outputs": {"total": {**spec, "range": [0, 3]}},
        "licence": "none",
        "quality": {"exact": True},
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"engines": {"sum": entry}}))
    return tmp_path


@pytest.fixture
def variants(engines: Path) -> Path:
    """The same with an "int8" that multiplies by 2.5, so that one can see which of them ran."""
    write_network(engines / "sum-int8.onnx", 2.5)
    raw = json.loads((engines / "manifest.json").read_text())
    raw["engines"]["sum"]["variants"] = {
        "int8": {
            "file": "sum-int8.onnx",
            "sha256": hashlib.sha256((engines / "sum-int8.onnx").read_bytes()).hexdigest(),
            "quality": {"loss": 0.5},
        }
    }
    (engines / "manifest.json").write_text(json.dumps(raw))
    return engines


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache for each test, away from the user's."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("UNMASK_LIVE_CACHE", str(folder))
    return folder


@pytest.fixture(params=["11.4.1", "10.16.0"])
def world(request, monkeypatch: pytest.MonkeyPatch):
    """A machine with one GPU, pycuda and TensorRT."""
    import fake_pycuda
    import fake_tensorrt

    world = fake_tensorrt.World()
    world.gpu = fake_pycuda.Gpu()
    for name, module in fake_pycuda.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setitem(sys.modules, "tensorrt", fake_tensorrt.module(request.param))
    driver = fake_pycuda.Driver()
    monkeypatch.setattr(cuda_graph, "_library", lambda: driver)
    cuda.shared_device.cache_clear()
    yield world
    cuda.shared_device.cache_clear()
