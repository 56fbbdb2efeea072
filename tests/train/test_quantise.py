from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import portrait_faces
import pytest
from onnx import TensorProto, helper, numpy_helper

from train import quantise
from train.data import faces
from train.data.faces import FaceCrops
from train.int8_file import folded, quantised_layers, restored
from unmask_live.runtime import (
    EngineEntry,
    TensorSpec,
    engines_dir,
    load_manifest,
    open_engine,
)


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return portrait_faces.write(tmp_path_factory.mktemp("data"), 3)


@pytest.fixture
def crops(data: Path, tmp_path: Path) -> FaceCrops:
    return FaceCrops(data, "val", tmp_path / "cache")


@pytest.fixture
def engines(tmp_path: Path) -> Path:
    """A copy of the shipped engines, without variants."""
    folder = tmp_path / "engines"
    shutil.copytree(engines_dir(), folder)
    raw = json.loads((folder / "manifest.json").read_text())
    for entry in raw["engines"].values():
        entry.pop("variants", None)
    (folder / "manifest.json").write_text(json.dumps(raw))
    return folder


def pair() -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """Two convolutions, plain and as NNCF writes them: 0.11 is rounded to 0.1, a bias corrected."""
    ports = [
        helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 1, 2, 2]) for n in ("image", "out")
    ]

    def model(nodes: list, stored: dict) -> onnx.ModelProto:
        tensors = [numpy_helper.from_array(np.asarray(v), k) for k, v in stored.items()]
        graph = helper.make_graph(nodes, "two", ports[:1], ports[1:], tensors)
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(made)
        return made

    weight = np.full((1, 1, 1, 1), 0.11, np.float32)
    plain = model(
        [
            helper.make_node("Conv", ["image", "w", "b"], ["a"], name="one"),
            helper.make_node("Conv", ["a", "w", "b"], ["out"], name="two"),
        ],
        {"w": weight, "b": np.float32([0.5])},
    )
    scale, zero = np.float32(0.1), np.int8(0)
    rounded_ = {"w8": np.full((1, 1, 1, 1), 1, np.int8), "s": scale, "z": zero}
    rounded_ |= {"b1": np.float32([0.75]), "b": np.float32([0.5])}
    quantised = model(
        [
            helper.make_node("QuantizeLinear", ["image", "s", "z"], ["iq"]),
            helper.make_node("DequantizeLinear", ["iq", "s", "z"], ["id"]),
            helper.make_node("DequantizeLinear", ["w8", "s", "z"], ["wd"]),
            helper.make_node("Conv", ["id", "wd", "b1"], ["a"], name="one"),
            helper.make_node("QuantizeLinear", ["a", "s", "z"], ["aq"]),
            helper.make_node("DequantizeLinear", ["aq", "s", "z"], ["ad"]),
            helper.make_node("Conv", ["ad", "wd", "b"], ["out"], name="two"),
        ],
        rounded_,
    )
    return plain, quantised


def compute(model: onnx.ModelProto) -> np.ndarray:
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"image": np.full((1, 1, 2, 2), 1.04, np.float32)})[0]


@pytest.mark.parametrize(
    ("names", "rounders", "layers"),
    [([], 5, (2, 2)), (["one"], 3, (1, 2)), (["two"], 3, (1, 2)), (["one", "two"], 0, (0, 2))],
)
def test_layers_are_put_back_with_weight_bias_and_input(names, rounders, layers) -> None:
    plain, quantised = pair()
    made = restored(quantised, plain, names)
    left = [n for n in made.graph.node if n.op_type in ("QuantizeLinear", "DequantizeLinear")]
    assert len(left) == rounders
    assert quantised_layers(made) == layers
    exact = 0.11 * (0.11 * 1.04 + 0.5) + 0.5
    if len(names) == 2:
        np.testing.assert_allclose(compute(made), exact, rtol=1e-6)
        assert {t.name for t in made.graph.initializer} == {"one.1", "one.2", "two.1", "two.2"}
    elif names == ["one"]:
        first = round((0.11 * 1.04 + 0.5) / 0.1) * 0.1
        np.testing.assert_allclose(compute(made), 0.1 * first + 0.5, rtol=1e-5)
    assert quantised_layers(quantised) == (2, 2)


def test_folding_keeps_what_is_computed(crops: FaceCrops) -> None:
    entry = load_manifest()["segmenter"]
    plain = folded(entry.path)
    kinds = {node.op_type for node in plain.graph.node}
    assert "BatchNormalization" not in kinds and "Cast" not in kinds
    given = next(quantise.calibration("segmenter", crops, 1))
    with open_engine("segmenter", backend="openvino:fp32") as engine:
        wanted = engine(**given)["matte"].copy()
    with quantise.opened(entry, plain) as engine:
        np.testing.assert_allclose(engine(**given)["matte"], wanted, atol=1e-4)


@pytest.mark.parametrize("name", ["segmenter", "inpainter", "ganmasker"])
def test_calibration_shows_what_the_network_meets(crops: FaceCrops, name: str) -> None:
    entry = load_manifest()[name]
    samples = list(quantise.calibration(name, crops, 2))
    assert len(samples) == 2
    for given in samples:
        assert {k: v.shape for k, v in given.items()} == {
            k: spec.shape for k, spec in entry.inputs.items()
        }
        assert all(v.dtype == np.float32 for v in given.values())
        assert given["image"].min() >= 0 and given["image"].max() <= 1
        if "matte" in given:
            assert given["matte"].any() and (given["image"] * given["matte"]).max() == 0
    again = list(quantise.calibration(name, crops, 2))
    np.testing.assert_array_equal(again[1]["image"], samples[1]["image"])


def run(name: str, data: Path, engines: Path, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(faces, "DEFAULT_CACHE", tmp_path / "crops")
    monkeypatch.setattr(quantise, "FaceCrops", lambda d, s: FaceCrops(d, s, tmp_path / "crops"))
    words = [name, "--data", str(data), "--engines", str(engines), "--samples", "2", "--count", "2"]
    quantise.main(words)


def test_a_variant_is_made_measured_and_listed(
    data: Path, engines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds = {"iou": 1.0, "iou_heldout": 1.0}
    monkeypatch.setattr(quantise, "BOUNDS", bounds)  # three crops say little of quality
    monkeypatch.setattr(quantise, "ranked", lambda entry, rough, plain, inputs: [])
    run("segmenter", data, engines, monkeypatch, tmp_path)
    entry = load_manifest(engines)["segmenter"]
    other = entry.variants["int8"]
    other.verify()
    assert other.path == engines / "segmenter-int8.onnx"
    assert set(other.quality) == {"iou_loss", "iou_heldout_loss"}
    assert quantised_layers(onnx.load(str(other.path)))[0] > 15
    assert not list(engines.glob("*.partial"))
    with open_engine("segmenter", backend="openvino:int8", directory=engines) as engine:
        assert "INT8" in engine.backend
    with open_engine("segmenter", backend="openvino:fp32", directory=engines) as engine:
        assert "INT8" not in engine.backend


def test_what_loses_too_much_is_not_written(
    data: Path, engines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    before = (engines / "manifest.json").read_text()
    there = {path: path.read_bytes() for path in engines.glob("*int8*")}
    monkeypatch.setattr(quantise, "BOUNDS", {"iou": 1.0, "iou_heldout": -1.0})
    monkeypatch.setattr(quantise, "ranked", lambda entry, rough, plain, inputs: [])
    with pytest.raises(SystemExit) as ended:
        run("segmenter", data, engines, monkeypatch, tmp_path)
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert "it loses" in told and " iou_heldout (at most -1.0)" in told
    assert (engines / "manifest.json").read_text() == before
    assert {path: path.read_bytes() for path in engines.glob("*int8*")} == there


@pytest.mark.parametrize("words", [["finder"], ["nose"], ["segmenter", "--count", "0"]])
def test_what_is_asked_wrongly_is_said(data: Path, engines: Path, words: list[str], capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        quantise.main([*words, "--data", str(data), "--engines", str(engines)])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert told.startswith("python -m train.quantise: ") and told.count("\n") == 1


def test_every_network_with_a_matte_fits_and_blind_ones_are_refused(
    data: Path, engines: Path, capsys
) -> None:
    entries = load_manifest(engines)
    fitting = [name for name, entry in entries.items() if quantise.fits(entry)]
    assert {"segmenter", "inpainter", "inpainter-small", "ganmasker"} <= set(fitting)
    assert not {"finder", "raunet"} & set(fitting)
    with pytest.raises(SystemExit) as ended:
        quantise.main(["raunet", "--data", str(data), "--engines", str(engines)])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert "cannot quantise 'raunet', as it is blind and would have to be told of the mask" in told
    assert told.rstrip().endswith(f"choose {', '.join(fitting)}")


def test_an_inpainter_is_taken_whatever_its_name(
    data: Path, engines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def quantised(entry: EngineEntry, *_: object, **__: object) -> None:
        asked.append(entry.name)
        raise quantise.TooMuchLostError("enough")

    monkeypatch.setattr(quantise, "quantise", quantised)
    with pytest.raises(SystemExit):
        run("ganmasker", data, engines, monkeypatch, tmp_path)
    assert asked == ["ganmasker"]


def test_the_layer_whose_rounding_alone_matters_most_is_ranked_first(tmp_path: Path) -> None:
    plain, quantised = pair()
    spec = TensorSpec((1, 1, 2, 2))
    entry = EngineEntry("two", tmp_path, "", "1", {"image": spec}, {"out": spec})
    given = {"image": np.full((1, 1, 2, 2), 1.04, np.float32)}

    def error(name: str) -> float:
        others = {"one", "two"} - {name}
        return float(np.mean((compute(restored(quantised, plain, others)) - compute(plain)) ** 2))

    found = quantise.ranked(entry, quantised, plain, [given])
    assert found == sorted(["one", "two"], key=error, reverse=True)
    assert error(found[0]) > error(found[1]) > 0
