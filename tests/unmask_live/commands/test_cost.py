from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from unmask_live.commands.cost import gmac
from unmask_live.errors import UserError
from unmask_live.runtime import load_manifest


def graph(path: Path, nodes: list, inputs: dict, weights: dict, outputs: list[str]) -> Path:
    """Write a graph; weights are zero."""
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in inputs.items()
    ]
    made = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    stored = []
    for name, shape in weights.items():
        count = 1
        for side in shape:
            count *= side
        stored.append(helper.make_tensor(name, TensorProto.FLOAT, shape, [0.5] * count))
    model = helper.make_model(
        helper.make_graph(nodes, "g", values, made, stored),
        opset_imports=[helper.make_opsetid("", 13)],
        ir_version=8,
    )
    onnx.save(model, str(path))
    return path


def test_a_convolution_by_hand(tmp_path: Path) -> None:
    node = helper.make_node("Conv", ["x", "w"], ["y"], strides=[2, 2], pads=[1, 1, 1, 1])
    path = graph(tmp_path / "g.onnx", [node], {"x": [2, 3, 8, 6]}, {"w": [5, 3, 3, 3]}, ["y"])
    # 2 items, 4×3 positions, 5 outputs of 3 inputs through 3×3
    assert gmac(path) * 1e9 == pytest.approx(2 * 4 * 3 * 5 * 3 * 9)


def test_groups_see_only_their_own_inputs(tmp_path: Path) -> None:
    node = helper.make_node("Conv", ["x", "w"], ["y"], group=2, pads=[1, 1, 1, 1])
    path = graph(tmp_path / "g.onnx", [node], {"x": [1, 4, 5, 5]}, {"w": [6, 2, 3, 3]}, ["y"])
    assert gmac(path) * 1e9 == pytest.approx(25 * 6 * 2 * 9)


@pytest.mark.parametrize("groups", [1, 2])
def test_a_transposed_convolution_spreads_every_input_pixel(tmp_path: Path, groups: int) -> None:
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"], strides=[2, 2], group=groups)
    weights = {"w": [4, 6 // groups, 2, 2]}
    path = graph(tmp_path / "g.onnx", [node], {"x": [1, 4, 5, 3]}, weights, ["y"])
    assert gmac(path) * 1e9 == pytest.approx(15 * 4 * 6 * 4 / groups)


@pytest.mark.parametrize(
    ("left", "right", "wanted"),
    [([7, 3], [3, 5], 7 * 3 * 5), ([2, 4, 7, 3], [3, 5], 8 * 7 * 3 * 5), ([3], [3, 5], 15)],
)
def test_matrix_products(tmp_path: Path, left: list, right: list, wanted: int) -> None:
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    path = graph(tmp_path / "g.onnx", [node], {"x": left}, {"w": right}, ["y"])
    assert gmac(path) * 1e9 == pytest.approx(wanted)


def test_a_turned_matrix(tmp_path: Path) -> None:
    node = helper.make_node("Gemm", ["x", "w"], ["y"], transA=1, transB=1)
    path = graph(tmp_path / "g.onnx", [node], {"x": [3, 7]}, {"w": [5, 3]}, ["y"])
    assert gmac(path) * 1e9 == pytest.approx(7 * 3 * 5)


def test_layers_add_up_and_light_ones_are_free(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Add", ["b", "b"], ["c"]),
        helper.make_node("Conv", ["c", "v"], ["y"]),
    ]
    weights = {"w": [2, 3, 1, 1], "v": [4, 2, 1, 1]}
    path = graph(tmp_path / "g.onnx", nodes, {"x": [1, 3, 2, 2]}, weights, ["y"])
    assert gmac(path) * 1e9 == pytest.approx(4 * 6 + 4 * 8)


def test_an_open_shape_is_refused(tmp_path: Path) -> None:
    node = helper.make_node("Conv", ["x", "w"], ["y"])
    inputs = {"x": [1, 3, "height", 4]}
    path = graph(tmp_path / "g.onnx", [node], inputs, {"w": [2, 3, 1, 1]}, ["y"])
    with pytest.raises(UserError, match="fixed shape"):
        gmac(path)


def test_every_shipped_network_can_be_counted_and_costs_the_same_in_8_bits() -> None:
    for entry in load_manifest().values():
        cost = gmac(entry.path)
        assert 0.001 < cost < 100
        for variant in entry.variants.values():
            assert gmac(variant.path) == pytest.approx(cost)
