from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from unmask_live.runtime import engines_dir
from unmask_live.runtime.graph import PRECISIONS, fold_constants, fold_norms, rewritten

NAMES = ("finder", "segmenter", "inpainter")


def session(model: bytes | str) -> onnxruntime.InferenceSession:
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = 4
    settings.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model, settings, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", NAMES)
def test_a_rewritten_network_takes_batches_and_computes_the_same(name: str, precision: str) -> None:
    path = engines_dir() / f"{name}.onnx"
    shipped, free = session(str(path)), session(rewritten(path, precision))
    rng = np.random.default_rng(0)
    inputs = {p.name: rng.random((2, *p.shape[1:]), np.float32) for p in shipped.get_inputs()}
    assert {p.type for p in (*free.get_inputs(), *free.get_outputs())} == {"tensor(float)"}
    wanted = [shipped.run(None, {k: v[i : i + 1] for k, v in inputs.items()}) for i in range(2)]
    for made, *rows in zip(free.run(None, inputs), *wanted, strict=True):
        right = np.concatenate(rows)
        limit = 1e-5 if precision == "fp32" else 5e-3
        assert np.abs(made - right).max() <= limit * max(1.0, float(np.abs(right).max()))


def stored_types(model: onnx.ModelProto) -> set[int]:
    big = [t for t in model.graph.initializer if int(np.prod(t.dims)) >= 64]
    return {t.data_type for t in big}


def casts(model: onnx.ModelProto) -> int:
    return sum(node.op_type == "Cast" for node in model.graph.node)


def test_precision_is_written_into_the_graph() -> None:
    path = engines_dir() / "inpainter.onnx"
    models = {p: onnx.load_from_string(rewritten(path, p)) for p in PRECISIONS}
    assert stored_types(models["fp32"]) == {TensorProto.FLOAT}
    assert stored_types(models["fp16"]) == {TensorProto.FLOAT16}
    assert stored_types(models["mixed"]) == {TensorProto.FLOAT, TensorProto.FLOAT16}
    assert casts(models["fp32"]) == 0
    assert casts(models["fp16"]) == 3  # two inputs, one output
    assert casts(models["mixed"]) > 3
    assert not any(n.op_type == "BatchNormalization" for n in models["fp32"].graph.node)


def test_the_shipped_file_is_left_alone() -> None:
    path = engines_dir() / "segmenter.onnx"
    before = path.read_bytes()
    rewritten(path, "fp16")
    assert path.read_bytes() == before


def weights(**named: np.ndarray) -> list[onnx.TensorProto]:
    return [numpy_helper.from_array(np.asarray(v, np.float32), k) for k, v in named.items()]


def small(nodes: list[onnx.NodeProto], stored: list[onnx.TensorProto]) -> onnx.ModelProto:
    ports = [
        helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 2, 3, 3]) for n in ("image", "out")
    ]
    graph = helper.make_graph(nodes, "small", ports[:1], ports[1:], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def test_a_normalisation_goes_into_the_convolution_even_if_its_variance_is_tiny() -> None:
    rng = np.random.default_rng(0)
    stored = weights(
        w=rng.random((2, 2, 1, 1)), gain=[1, 2], shift=[0, 1], mean=[0.5, 0.1], var=[1e-9, 2]
    )
    nodes = [
        helper.make_node("Conv", ["image", "w"], ["c"]),
        helper.make_node("BatchNormalization", ["c", "gain", "shift", "mean", "var"], ["out"]),
    ]
    model = small(nodes, stored)
    image = rng.random((1, 2, 3, 3), np.float32)
    wanted = session(model.SerializeToString()).run(None, {"image": image})[0]
    fold_norms(model)
    assert [node.op_type for node in model.graph.node] == ["Conv"]
    made = session(model.SerializeToString()).run(None, {"image": image})[0]
    np.testing.assert_allclose(made, wanted, rtol=1e-4, atol=1e-4)


def test_a_normalisation_after_something_two_use_stays() -> None:
    stored = weights(w=np.ones((2, 2, 1, 1)), one=[1, 1], zero=[0, 0])
    nodes = [
        helper.make_node("Conv", ["image", "w"], ["c"]),
        helper.make_node("BatchNormalization", ["c", "one", "zero", "zero", "one"], ["n"]),
        helper.make_node("Add", ["c", "n"], ["out"]),
    ]
    model = small(nodes, stored)
    fold_norms(model)
    assert [node.op_type for node in model.graph.node] == ["Conv", "BatchNormalization", "Add"]


def test_what_is_known_beforehand_is_computed_once() -> None:
    nodes = [
        helper.make_node("Mul", ["two", "two"], ["four"]),
        helper.make_node("Cast", ["four"], ["cast"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["image", "cast"], ["out"]),
    ]
    model = small(nodes, weights(two=[2.0]))
    fold_constants(model)
    assert [node.op_type for node in model.graph.node] == ["Mul"]
    assert [(t.name, numpy_helper.to_array(t).tolist()) for t in model.graph.initializer] == [
        ("cast", [4.0])
    ]


def test_weights_too_large_for_16_bits_are_clipped_not_infinite(tmp_path: Path) -> None:
    model = small(
        [helper.make_node("Mul", ["image", "big"], ["out"])], weights(big=np.full((2, 1, 1), 1e6))
    )
    onnx.save(model, str(tmp_path / "big.onnx"))
    half = session(rewritten(tmp_path / "big.onnx", "fp16"))
    made = half.run(None, {"image": np.full((1, 2, 3, 3), 0.5, np.float32)})[0]
    assert np.isfinite(made).all()


def test_without_the_package_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from unmask_live.runtime import BackendUnavailable

    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(BackendUnavailable, match=r"pip install 'unmask-live\[gpu\]'"):
        rewritten(engines_dir() / "finder.onnx", "fp16")
