"""TensorRT's logic for real, its calls against a stand-in that computes what it was given."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import fake_tensorrt
import numpy as np
import pytest

from unmask_live.errors import UserError
from unmask_live.runtime import cuda, cuda_graph, load_manifest, open_engine
from unmask_live.runtime.engine import BackendUnavailable
from unmask_live.runtime.tensorrt_engine import TensorRtEngine


def given(value: float, count: int = 1) -> np.ndarray:
    rows = value * np.arange(1, count + 1, dtype=np.float32)
    return np.repeat(rows, 16).reshape(count, 1, 4, 4)


pytestmark = pytest.mark.filterwarnings("ignore:TensorRT compiles")


def test_auto_prefers_it_and_says_what_truly_runs(world, engines: Path) -> None:
    with open_engine("sum", directory=engines) as engine:
        version = world.version
        out = engine(image=given(3.0), matte=given(0.5))["total"]
        np.testing.assert_allclose(out, given(4.0), rtol=1e-3)
        assert engine.backend == f"TensorRT {version} NVIDIA Pretend FP16, CUDA graph"
    assert world.builds == ["fp16"]
    assert world.gpu.stack == []


def test_any_number_of_items_runs_at_once(world, engines: Path) -> None:
    with open_engine("sum", backend="tensorrt", directory=engines, batch=8) as engine:
        for count in (1, 8, 3, 8, 3):
            out = engine(image=given(1.0, count), matte=given(0.25, count))["total"]
            np.testing.assert_allclose(out, given(1.5, count), rtol=1e-3)
        with pytest.raises(ValueError, match="the first up to 8"):
            engine(image=given(1.0, 9), matte=given(0.25, 9))


def test_the_second_call_is_one_launch_of_the_recorded_graph(world, engines: Path) -> None:
    with open_engine("sum", backend="tensorrt", directory=engines) as engine:
        before, contexts = world.gpu.launches, world.contexts
        for value in (1.0, 2.0, 3.0):
            out = engine(image=given(value), matte=given(0.0))["total"]
            np.testing.assert_allclose(out, given(value), rtol=1e-3)
        assert world.gpu.launches == before + 3  # the parity check had recorded it
        assert world.contexts == contexts


def test_a_driver_without_graphs_still_runs_and_says_so(world, engines: Path) -> None:
    world.gpu.capture_error = 801
    with open_engine("sum", backend="tensorrt", directory=engines) as engine:
        for value in (1.0, 2.0):
            out = engine(image=given(value), matte=given(0.0))["total"]
            np.testing.assert_allclose(out, given(value), rtol=1e-3)
        assert engine.backend.endswith(
            "no CUDA graph: cuStreamBeginCapture failed with CUDA error 801"
        )
    assert world.gpu.launches == 0


def test_three_networks_share_one_stream(world, engines: Path) -> None:
    names = ["sum", "sum", "sum"]
    opened = [open_engine(name, backend="tensorrt", directory=engines) for name in names]
    assert len(world.gpu.streams) == 1
    for engine in opened:
        engine.close()
        engine.close()
    assert world.gpu.memory == {}
    assert world.gpu.graphs == {}
    with pytest.raises(RuntimeError, match="closed"):
        opened[0](image=given(1.0), matte=given(1.0))


def test_the_second_start_builds_nothing(world, engines: Path) -> None:
    for _ in range(2):
        open_engine("sum", backend="tensorrt", directory=engines).close()
    assert world.builds == ["fp16"]


def test_a_new_gpu_or_tensorrt_means_a_new_plan(
    world, engines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_engine("sum", backend="tensorrt", directory=engines).close()
    world.gpu.name = "NVIDIA Another"
    cuda.shared_device.cache_clear()
    open_engine("sum", backend="tensorrt", directory=engines).close()
    monkeypatch.setitem(sys.modules, "tensorrt", fake_tensorrt.module("11.9.0"))
    open_engine("sum", backend="tensorrt", directory=engines).close()
    assert world.builds == ["fp16"] * 3


def test_a_half_written_plan_is_built_again(world, engines: Path, own_cache: Path) -> None:
    open_engine("sum", backend="tensorrt", directory=engines).close()
    plan = next(own_cache.rglob("*.plan"))
    plan.write_bytes(plan.read_bytes()[:40])
    open_engine("sum", backend="tensorrt", directory=engines).close()
    assert world.builds == ["fp16"] * 2
    assert not list(own_cache.rglob(".part-*"))


def test_kernel_timings_are_kept_for_the_next_build(world, engines: Path) -> None:
    for precision in ("fp16", "fp32"):
        open_engine("sum", backend=f"tensorrt:{precision}", directory=engines).close()
    assert world.kept_timings == [b"", b"timings of this GPU"]


def test_timings_that_tensorrt_does_not_take_are_begun_anew(
    world, engines: Path, own_cache: Path
) -> None:
    open_engine("sum", backend="tensorrt:fp16", directory=engines).close()
    next(own_cache.rglob("timings-*.cache")).write_bytes(b"rubbish")
    open_engine("sum", backend="tensorrt:fp32", directory=engines).close()
    assert world.kept_timings == [b"", b""]


def test_fp32_is_not_tf32(world, engines: Path) -> None:
    with open_engine("sum", backend="tensorrt:fp32", directory=engines) as engine:
        assert " FP32, " in engine.backend
    assert world.flags == [set()]


def not_finite(kind: str, made: dict[str, np.ndarray]) -> None:
    if kind == "fp16":
        made["total"][..., 0] = np.inf


def far_off(kind: str, made: dict[str, np.ndarray]) -> None:
    if kind != "fp32":
        made["total"] *= 1.5


@pytest.mark.parametrize(
    ("spoil", "ends", "reason"),
    [
        (not_finite, "fp32", "fp16 refused: output 'total' is not finite"),
        (far_off, "fp32", "fp16 refused: output 'total' is off by"),
    ],
)
def test_bad_fp16_is_refused_aloud_and_remembered(
    world, engines: Path, spoil, ends: str, reason: str
) -> None:
    world.spoil = spoil
    with pytest.warns(UserWarning) as told:
        engine = open_engine("sum", backend="tensorrt", directory=engines)
    texts = [str(one.message) for one in told]
    assert any(t.startswith("TensorRT fp16 is not used for the sum: output 'to") for t in texts)
    assert f" {ends.upper()}, " in engine.backend
    assert reason in engine.backend
    out = engine(image=given(3.0), matte=given(0.5))["total"]
    np.testing.assert_allclose(out, given(4.0), rtol=1e-3)
    engine.close()
    builds = list(world.builds)
    with pytest.warns(UserWarning, match="is not used"):
        again = open_engine("sum", backend="tensorrt", directory=engines)
    assert reason in again.backend
    again.close()
    assert world.builds == builds


def test_if_even_fp32_is_wrong_it_is_not_used(world, engines: Path) -> None:
    world.spoil = lambda kind, made: made["total"].fill(np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(UserError, match=r"tensorrt: fp16 refused: .*; fp32 refused: "):
            open_engine("sum", backend="tensorrt", directory=engines)
    assert world.gpu.memory == {}


def test_what_is_wrong_for_eight_items_is_refused_where_one_is_wanted(world, engines: Path) -> None:
    def spoil(kind: str, made: dict[str, np.ndarray]) -> None:
        if kind == "fp16" and len(made["total"]) == 8:
            made["total"] *= 1.5

    world.spoil = spoil
    with (
        pytest.warns(UserWarning, match="fp16 is not used"),
        open_engine("sum", backend="tensorrt", directory=engines) as engine,
    ):
        assert ", fp16 refused: output 'total' is off by" in engine.backend
        assert engine.batch == 1
    contexts = world.contexts
    with (
        pytest.warns(UserWarning, match="fp16 is not used"),
        open_engine("sum", backend="tensorrt", directory=engines),
    ):
        assert world.contexts == contexts + 1  # what was checked is not checked again
    assert world.gpu.memory == {}


def test_other_rules_for_the_graph_mean_a_new_plan(
    world, engines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from unmask_live.runtime import tensorrt

    for rules in ("one", "one", "another"):
        monkeypatch.setattr(tensorrt, "rules", lambda rules=rules: rules)
        open_engine("sum", backend="tensorrt", directory=engines).close()
    assert world.builds == ["fp16"] * 2


def test_without_leave_to_build_there_is_one_sentence(world, engines: Path) -> None:
    with pytest.raises(UserError, match="its plan is not built yet: run `unmask-live engines bui"):
        open_engine("sum", backend="tensorrt", directory=engines, build=False)
    assert world.builds == []


def test_progress_is_told_and_can_end_the_build(world, engines: Path) -> None:
    told = []

    def report(phase: str, step: int, steps: int) -> bool:
        told.append((phase, step, steps))
        return len(told) < 3

    with pytest.raises(UserError, match="building was given up"):
        open_engine("sum", backend="tensorrt", directory=engines, report=report)
    assert told == [("Building", 0, 3), ("Building", 1, 3), ("Building", 2, 3), ("Building", 3, 3)]
    told.clear()
    open_engine(
        "sum", backend="tensorrt", directory=engines, report=lambda *step: not told.append(step)
    ).close()
    assert told[-1] == ("Building", 3, 3)


def test_minutes_of_compiling_do_not_come_unannounced(world, engines: Path) -> None:
    with pytest.warns(UserWarning, match="compiles the sum .* `unmask-live engines build` does it"):
        open_engine("sum", backend="tensorrt", directory=engines).close()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        open_engine("sum", backend="tensorrt", directory=engines).close()
        open_engine(
            "sum", backend="tensorrt:fp32", directory=engines, report=lambda *step: True
        ).close()


def test_why_a_build_failed_is_said(world, engines: Path) -> None:
    world.fail = "no kernel for\nthis layer"
    with pytest.raises(UserError, match=r"cannot build sum.onnx: no kernel for this layer"):
        open_engine("sum", backend="tensorrt", directory=engines)


def test_a_plan_that_tensorrt_does_not_take(world, engines: Path) -> None:
    entry = load_manifest(engines)["sum"]
    with pytest.raises(BackendUnavailable, match="magic tag does not match"):
        TensorRtEngine(entry, b"rubbish", device=cuda.shared_device())


def test_a_plan_of_another_network(world, engines: Path) -> None:
    segmenter = load_manifest()["segmenter"]
    from unmask_live.runtime.plans import Plans
    from unmask_live.runtime.tensorrt import plan_key
    from unmask_live.runtime.tensorrt_build import build

    device = cuda.shared_device()
    key = plan_key(segmenter, "fp32", device, world.version)
    with device.current():
        plan = build(segmenter.path, key, Plans(), None)
    with pytest.raises(UserError, match="does not fit its manifest"):
        TensorRtEngine(load_manifest(engines)["sum"], plan, device=device)


@pytest.mark.parametrize("world", ["11.4.1"], indirect=True)
@pytest.mark.parametrize("name", ["finder", "segmenter", "inpainter"])
def test_shipped_networks_in_fp16_pass_the_check_on_shipped_pictures(world, name: str) -> None:
    with open_engine(name, backend="tensorrt", batch=2) as engine:
        assert " FP16, CUDA graph" in engine.backend
        inputs = {
            key: np.zeros((2, *shape[1:]), np.float32) for key, shape in engine.inputs.items()
        }
        for array in engine(**inputs).values():
            assert len(array) == 2 and np.isfinite(array).all()


@pytest.mark.parametrize(
    ("bend", "message"),
    [
        (lambda world: setattr(world.gpu, "count", 0), "there is no NVIDIA GPU"),
        (
            lambda world: setattr(world.gpu, "driver_error", "no CUDA-capable device"),
            "driver does not answer .no CUDA-capable device",
        ),
    ],
)
def test_no_gpu(world, engines: Path, bend, message: str) -> None:
    bend(world)
    with pytest.raises(UserError, match=message):
        open_engine("sum", backend="tensorrt", directory=engines)
    with pytest.warns(UserWarning, match=f"although more is installed .tensorrt: .*{message}"):
        engine = open_engine("sum", directory=engines)
    with engine:
        assert not engine.backend.startswith("TensorRT")
        assert ", not tensorrt: " in engine.backend


@pytest.mark.parametrize("module", ["tensorrt", "pycuda.driver"])
def test_a_package_that_is_missing(
    world, engines: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UserError, match=r"pip install 'unmask-live\[gpu\]'"):
        open_engine("sum", backend="tensorrt", directory=engines)


@pytest.mark.parametrize("version", ["8.6.1", "12.0.0"])
def test_a_version_nobody_looked_at(
    world, engines: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", fake_tensorrt.module(version))
    with pytest.raises(UserError, match=rf"TensorRT {version} is installed and 10 or 11 is wanted"):
        open_engine("sum", backend="tensorrt", directory=engines)


def test_a_precision_nobody_knows(world, engines: Path) -> None:
    with pytest.raises(UserError, match="no precision 'int4': choose fp16, mixed, fp32"):
        open_engine("sum", backend="tensorrt:int4", directory=engines)


def test_recording_that_fails_leaves_the_stream_usable(world) -> None:
    device = cuda.shared_device()

    def work() -> None:
        raise ValueError("cannot be queued")

    with device.current():
        with pytest.raises(cuda_graph.CaptureError, match="cannot be queued"):
            cuda_graph.capture(device.stream.handle, work)
        device.stream.synchronize()
    assert world.gpu.graphs == {}


def cannot_be_loaded(world, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "tensorrt.py").write_text("raise OSError('libnvinfer.so.11: cannot open')")
    monkeypatch.delitem(sys.modules, "tensorrt")
    monkeypatch.syspath_prepend(str(folder))


@pytest.mark.parametrize(
    ("bend", "message"),
    [
        (
            lambda world, *_: setattr(world, "cuda_error", "CUDA initialization failure: 35"),
            "TensorRT gives no Builder .CUDA initialization failure: 35",
        ),
        (cannot_be_loaded, "is installed and cannot be loaded .libnvinfer.so.11: cannot open"),
        (
            lambda world, *_: setattr(world.gpu, "allocations_left", 1),
            "MemoryError: cuMemAlloc failed: out of memory",
        ),
        (
            lambda world, *_: setattr(world, "executes", False),
            "TensorRT does not run .no kernel image is available",
        ),
    ],
    ids=["builder", "import", "memory", "execute"],
)
def test_what_fails_in_a_way_of_its_own_is_a_reason_like_any_other(
    world, engines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bend, message: str
) -> None:
    bend(world, monkeypatch, tmp_path)
    with pytest.raises(UserError, match=f"tensorrt: .*{message}"):
        open_engine("sum", backend="tensorrt", directory=engines)
    assert world.gpu.memory == {}
    assert world.gpu.stack == []
    with pytest.warns(UserWarning, match=f"although more is installed .tensorrt: .*{message}"):
        engine = open_engine("sum", directory=engines)
    with engine:
        assert not engine.backend.startswith("TensorRT")
