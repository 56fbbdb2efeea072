from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

from unmask_live.commands.matmul_onnx import matmul_onnx


def test_is_a_valid_file_that_computes_a_product() -> None:
    side = 200  # a length that takes two bytes
    data = matmul_onnx(side)
    model = onnx.load_model_from_string(data)
    onnx.checker.check_model(model, full_check=True)
    weights = numpy_helper.to_array(model.graph.initializer[0])
    assert weights.shape == (side, side) and weights.std() > 0
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    assert session.get_inputs()[0].shape == [1, side, side]
    x = np.random.default_rng(0).random((1, side, side), np.float32)
    (y,) = session.run(["y"], {"x": x})
    np.testing.assert_allclose(y, x @ weights, atol=1e-5)


def test_is_the_same_every_time() -> None:
    assert matmul_onnx(8) == matmul_onnx(8)
