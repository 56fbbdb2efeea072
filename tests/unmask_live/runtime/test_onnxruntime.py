from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from unmask_live.errors import UserError
from unmask_live.runtime import onnxruntime as ours
from unmask_live.runtime import open_engine
from unmask_live.runtime.ort_providers import Shares, shares_in

runtime = pytest.importorskip("onnxruntime", reason="pip install 'unmask-live[ort]'")
SHAPE = (1, 1, 4, 4)


def given(value: float, count: int = 1) -> np.ndarray:
    return np.full((count, 1, 4, 4), value, np.float32)


def test_runs_on_the_cpu_and_says_so(engines: Path) -> None:
    with open_engine("sum", backend="onnxruntime:cpu", directory=engines, threads=1) as engine:
        out = engine(image=given(3.0), matte=given(0.5))["total"]
        np.testing.assert_array_equal(out, given(4.0))
        assert engine.backend == f"ONNX Runtime {runtime.__version__} CPU (1 thread)"
        assert dict(engine.outputs) == {"total": SHAPE}


def test_buffers_are_bound_once_and_read_anew_each_time(engines: Path) -> None:
    with open_engine("sum", backend="onnxruntime:cpu", directory=engines, batch=3) as engine:
        for value in (1.0, 2.0):
            image = given(value, 3) * np.arange(1, 4, dtype=np.float32).reshape(3, 1, 1, 1)
            out = engine(image=image, matte=given(1.0, 3))["total"]
            np.testing.assert_array_equal(out, image + 2)
            one = engine(image=image[2:], matte=given(0.0))["total"]
            np.testing.assert_array_equal(one, image[2:])


@pytest.mark.parametrize("name", ["finder", "segmenter", "inpainter"])
def test_computes_what_openvino_does(name: str) -> None:
    made = {}
    for backend in ("openvino:fp32", "onnxruntime:cpu"):
        with open_engine(name, backend=backend, threads=1) as engine:
            inputs = {
                key: np.random.default_rng(1).random(shape, dtype=np.float32)
                for key, shape in engine.inputs.items()
            }
            made[backend] = {key: array.copy() for key, array in engine(**inputs).items()}
    for key, array in made["openvino:fp32"].items():
        np.testing.assert_allclose(made["onnxruntime:cpu"][key], array, atol=1e-3)


def test_leaves_no_profile_behind(
    engines: Path, tmp_path_factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(ours.tempfile, "tempdir", str(folder))
    open_engine("sum", backend="onnxruntime:cpu", directory=engines).close()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("provider", ["cuda", "directml", "coreml"])
def test_a_provider_that_is_not_installed(engines: Path, provider: str) -> None:
    if ours.PROVIDERS[provider] in runtime.get_available_providers():
        pytest.skip("it is installed here")
    with pytest.raises(UserError, match=f"has no {provider} provider"):
        open_engine("sum", backend=f"onnxruntime:{provider}", directory=engines)


def test_a_provider_nobody_knows(engines: Path) -> None:
    with pytest.raises(UserError, match=r"no provider 'gpu': choose .*cuda"):
        open_engine("sum", backend="onnxruntime:gpu", directory=engines)


class Fallen:
    """A session that was asked for CUDA and opened on the CPU, as ONNX Runtime does."""

    def __init__(self, real: object) -> None:
        self.real = real

    def get_providers(self) -> list[str]:
        return ["CPUExecutionProvider"]

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)


@pytest.fixture
def cuda_in_name_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """ONNX Runtime's build has CUDA, the machine has not."""
    real = runtime.InferenceSession

    def session(path: str, settings: object, providers: list[str]) -> Fallen:
        return Fallen(real(path, settings, providers=["CPUExecutionProvider"]))

    both = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(runtime, "get_available_providers", lambda: both)
    monkeypatch.setattr(runtime, "InferenceSession", session)


@pytest.mark.usefixtures("cuda_in_name_only")
def test_a_silent_fallback_is_an_error(engines: Path) -> None:
    with pytest.raises(UserError, match=r"CUDA.* was asked for and CPU.* was opened instead"):
        open_engine("sum", backend="onnxruntime:cuda", directory=engines)


@pytest.mark.usefixtures("cuda_in_name_only")
def test_without_a_wish_the_next_provider_serves_and_is_named(engines: Path) -> None:
    said = []
    with open_engine("sum", backend="onnxruntime", directory=engines, say=said.append) as engine:
        assert " CPU (" in engine.backend
        assert ", not cuda: CUDAExecutionProvider was asked for and" in engine.backend
    assert len(said) == 1
    assert said[0].startswith("ONNX Runtime takes its cpu provider, although it has more (cuda: ")


def test_a_provider_that_runs_no_node_is_an_error(
    engines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fallen, "get_providers", lambda self: ["CUDAExecutionProvider"])
    real = runtime.InferenceSession
    monkeypatch.setattr(
        runtime, "get_available_providers", lambda: ["CUDAExecutionProvider"], raising=True
    )
    monkeypatch.setattr(
        runtime,
        "InferenceSession",
        lambda path, settings, providers: Fallen(
            real(path, settings, providers=["CPUExecutionProvider"])
        ),
    )
    with pytest.raises(UserError, match=r"CPUExecutionProvider .2 nodes. ran the network inst"):
        open_engine("sum", backend="onnxruntime:cuda", directory=engines)


def test_what_stays_on_the_cpu_is_said() -> None:
    shares = Counter({"CUDAExecutionProvider": 118, "CPUExecutionProvider": 2})
    text = ours._describe("CUDAExecutionProvider", shares, 2)
    assert text.endswith("CUDA, 118 of 120 nodes, the rest on the CPU")


class Pretended:
    """Sessions that claim an accelerator, and compute by the CPU what a test lets them compute."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str, nodes: dict[str, int]) -> None:
        self.opened: list[dict] = []
        self.file: str | None = None
        full = ours.PROVIDERS[name]
        real = runtime.InferenceSession
        monkeypatch.setattr(runtime, "get_available_providers", lambda: [full])
        monkeypatch.setattr(Fallen, "get_providers", lambda _: [full, "CPUExecutionProvider"])
        monkeypatch.setattr(ours, "shares_in", lambda _: Shares(Counter(nodes), Counter()))

        def session(path: str, settings: object, providers: list[tuple[str, dict]]) -> Fallen:
            ((asked, own),) = providers
            assert asked == full
            self.opened.append(own)
            folder = own.get("trt_engine_cache_path")
            if folder is not None:
                (Path(folder) / "TRTKernel_sm89.engine").write_bytes(b"plan")
            wrong = self.file if own.get("trt_fp16_enable", True) else None
            return Fallen(real(wrong or path, settings, providers=["CPUExecutionProvider"]))

        monkeypatch.setattr(runtime, "InferenceSession", session)


def test_what_an_accelerator_computes_is_checked(
    variants: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Pretended(monkeypatch, "cuda", {"CUDAExecutionProvider": 2})
    with open_engine("sum", backend="onnxruntime:cuda", directory=variants) as engine:
        assert engine.backend.endswith(" CUDA")
    world.file = str(variants / "sum-int8.onnx")  # it multiplies by 2.5
    with (
        pytest.warns(UserWarning, match="cuda provider is not used for the sum"),
        pytest.raises(UserError, match=r"cuda: refused: output 'total' is off by"),
    ):
        open_engine("sum", backend="onnxruntime:cuda", directory=variants)


def test_tensorrt_inside_it_keeps_what_it_compiles_and_is_checked_in_16_bits(
    variants: Path, monkeypatch: pytest.MonkeyPatch, own_cache: Path
) -> None:
    world = Pretended(monkeypatch, "tensorrt", {"TensorrtExecutionProvider": 1})
    backend = "onnxruntime:tensorrt"
    with pytest.raises(UserError, match=r"not built yet: .*engines build --backend onnxr"):
        open_engine("sum", backend=backend, directory=variants, build=False)
    said = []
    with open_engine("sum", backend=backend, directory=variants, say=said.append) as engine:
        assert engine.backend.endswith(" Tensorrt, FP16")
    assert said == ["ONNX Runtime's TensorRT compiles the sum in fp16, once, for minutes"]
    (own,) = world.opened
    assert own["trt_fp16_enable"] is own["trt_engine_cache_enable"] is True
    assert own["trt_timing_cache_enable"] is True
    assert Path(own["trt_engine_cache_path"]).is_relative_to(own_cache)
    said.clear()
    open_engine("sum", backend=backend, directory=variants, build=False, say=said.append).close()
    assert said == []
    world.file = str(variants / "sum-int8.onnx")
    with open_engine("sum", backend=backend, directory=variants, say=said.append) as engine:
        assert ", FP32, FP16 refused: output 'total' is off by" in engine.backend
        np.testing.assert_array_equal(engine(image=given(0), matte=given(1))["total"], given(2))
    assert [own["trt_fp16_enable"] for own in world.opened[-2:]] == [True, False]


@pytest.mark.parametrize(
    ("nodes", "costly", "share"),
    [
        ({"CUDA": 118, "CPU": 2}, {"CUDA": 60}, 1.0),
        ({"CUDA": 1, "CPU": 99}, {"CPU": 60}, 1 / 61),
        ({"CUDA": 1, "CPU": 3}, {}, 1.0),  # a whole network in one node
        ({"CPU": 5}, {"CPU": 3}, 0.0),
        ({}, {}, 0.0),
    ],
)
def test_one_node_is_not_the_network(nodes: dict, costly: dict, share: float) -> None:
    assert Shares(Counter(nodes), Counter(costly)).of("CUDA") == pytest.approx(share)


def test_who_ran_what_is_read_from_the_profile(tmp_path: Path) -> None:
    def event(name: str, provider: str, op: str) -> dict:
        return {"cat": "Node", "name": name, "args": {"provider": provider, "op_name": op}}

    events = [event("a", "CPU", "FusedConv"), event("b", "CUDA", "Conv"), event("c", "CUDA", "Add")]
    profile = tmp_path / "profile.json"
    profile.write_text(json.dumps([{"cat": "Session"}, *events, events[0]]))
    assert shares_in(profile) == ({"CPU": 1, "CUDA": 2}, {"CPU": 1, "CUDA": 1})


def test_not_a_network(engines: Path) -> None:
    path = engines / "sum.onnx"
    path.write_bytes(b"no network at all")
    raw = json.loads((engines / "manifest.json").read_text())
    raw["engines"]["sum"]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (engines / "manifest.json").write_text(json.dumps(raw))
    with pytest.raises(UserError, match=r"cpu: cannot load sum.onnx") as caught:
        open_engine("sum", backend="onnxruntime:cpu", directory=engines)
    assert "\n" not in str(caught.value)


def test_not_installed(engines: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(UserError, match=r"pip install 'unmask-live\[ort\]'"):
        open_engine("sum", backend="onnxruntime", directory=engines)
    with open_engine("sum", directory=engines) as engine:
        assert engine.backend.startswith("OpenVINO")
