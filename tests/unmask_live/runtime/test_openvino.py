from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
import pytest

from unmask_live.errors import UserError
from unmask_live.runtime import open_engine

SHAPE = (1, 1, 4, 4)


def given(value: float, shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    return np.full(shape, value, np.float32)


def test_runs_and_says_what_ran_it(engines: Path) -> None:
    with open_engine("sum", directory=engines, threads=1) as engine:
        assert engine.name == "sum"
        assert dict(engine.inputs) == {"image": SHAPE, "matte": SHAPE}
        assert dict(engine.outputs) == {"total": SHAPE}
        out = engine(matte=given(0.5), image=given(3.0))
        np.testing.assert_array_equal(out["total"], given(4.0))
        assert "CPU" in engine.backend
        assert "1 thread)" in engine.backend


def test_second_call_sees_new_input_and_leaves_the_given_arrays_alone(engines: Path) -> None:
    with open_engine("sum", directory=engines) as engine:
        image, matte = given(1.0), given(1.0)
        first = engine(image=image, matte=matte)["total"].copy()
        second = engine(image=image * 2, matte=matte)["total"]
        np.testing.assert_array_equal(first, given(3.0))
        np.testing.assert_array_equal(second, given(4.0))
        np.testing.assert_array_equal(image, given(1.0))


def test_takes_views_that_are_not_contiguous(engines: Path) -> None:
    wide = np.arange(32, dtype=np.float32).reshape(1, 1, 4, 8)
    with open_engine("sum", directory=engines) as engine:
        out = engine(image=wide[..., ::2], matte=given(0.0))["total"]
        np.testing.assert_array_equal(out, wide[..., ::2])


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({}, r"got inputs \[\], wanted \['image', 'matte'\]"),
        ({"image": given(0)}, r"got inputs \['image'\], wanted \['image', 'matte'\]"),
        ({"image": given(0, (1, 1, 4, 5)), "matte": given(0)}, r"got \(1, 1, 4, 5\), wanted"),
        ({"image": given(0, (0, 1, 4, 4)), "matte": given(0)}, r"got \(0, 1, 4, 4\), wanted"),
        ({"image": given(0).astype("u1"), "matte": given(0)}, r"got uint8, wanted float32"),
        ({"image": 1.0, "matte": given(0)}, r"got float, wanted numpy.ndarray"),
    ],
)
def test_wrong_input_says_got_and_wanted(engines: Path, inputs: dict, message: str) -> None:
    with (
        open_engine("sum", directory=engines) as engine,
        pytest.raises(ValueError, match=message),
    ):
        engine(**inputs)


def test_closed(engines: Path) -> None:
    engine = open_engine("sum", directory=engines)
    engine.close()
    engine.close()
    with pytest.raises(RuntimeError, match="closed"):
        engine(image=given(0), matte=given(0))


def test_second_thread_is_refused_not_mixed_up(engines: Path) -> None:
    with open_engine("sum", directory=engines) as engine:
        inside, leave = threading.Event(), threading.Event()

        def hold() -> None:
            engine._busy.acquire()  # stands for a call in flight, without a race
            inside.set()
            leave.wait(5)
            engine._busy.release()

        thread = threading.Thread(target=hold)
        thread.start()
        assert inside.wait(5)
        with pytest.raises(RuntimeError, match="one owner"):
            engine(image=given(0), matte=given(0))
        leave.set()
        thread.join()
        engine(image=given(0), matte=given(0))


def test_not_a_network(engines: Path) -> None:
    import hashlib

    path = engines / "sum.onnx"
    path.write_bytes(b"no network at all")
    raw = json.loads((engines / "manifest.json").read_text())
    raw["engines"]["sum"]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (engines / "manifest.json").write_text(json.dumps(raw))
    with pytest.raises(UserError, match=r"openvino: cannot compile sum.onnx") as caught:
        open_engine("sum", directory=engines)
    assert "\n" not in str(caught.value)


def test_network_that_is_not_what_the_manifest_says(engines: Path) -> None:
    raw = json.loads((engines / "manifest.json").read_text())
    raw["engines"]["sum"]["outputs"]["total"]["shape"] = [1, 1, 2, 8]
    (engines / "manifest.json").write_text(json.dumps(raw))
    with pytest.raises(UserError, match="does not fit its manifest"):
        open_engine("sum", directory=engines)


def test_a_batch_is_as_many_single_calls(engines: Path) -> None:
    rng = np.random.default_rng(0)
    image, matte = (rng.random((3, 1, 4, 4), dtype=np.float32) for _ in range(2))
    with open_engine("sum", directory=engines, batch=4) as engine:
        assert dict(engine.inputs) == {"image": SHAPE, "matte": SHAPE}
        for count in (3, 1, 2):
            out = engine(image=image[:count], matte=matte[:count])["total"]
            np.testing.assert_allclose(out, (image + 2 * matte)[:count], rtol=1e-6)


@pytest.mark.parametrize(
    ("counts", "message"),
    [((5, 5), r"got \(5, 1, 4, 4\), wanted \(1, 1, 4, 4\), the first up to 4"), ((2, 3), "items")],
)
def test_a_batch_that_does_not_fit(engines: Path, counts: tuple[int, int], message: str) -> None:
    image, matte = (np.zeros((count, 1, 4, 4), np.float32) for count in counts)
    with (
        open_engine("sum", directory=engines, batch=4) as engine,
        pytest.raises(ValueError, match=message),
    ):
        engine(image=image, matte=matte)


@pytest.mark.parametrize("name", ["finder", "segmenter", "inpainter"])
def test_shipped_networks_take_batches(name: str) -> None:
    rng = np.random.default_rng(1)
    with open_engine(name, batch=2, threads=1, backend="openvino:fp32") as engine:
        inputs = {
            key: rng.random((2, *shape[1:]), dtype=np.float32)
            for key, shape in engine.inputs.items()
        }
        both = {key: array.copy() for key, array in engine(**inputs).items()}
        second = engine(**{key: array[1:] for key, array in inputs.items()})
        for key, array in second.items():
            np.testing.assert_array_equal(both[key][1:], array)


def test_what_may_hold_a_batch_is_the_network_that_runs_one(own_cache: Path) -> None:
    """One compiled for any number of items could be slower with one, and would be kept twice."""
    with (
        open_engine("segmenter", threads=1, backend="openvino:fp32") as alone,
        open_engine("segmenter", batch=8, threads=1, backend="openvino:fp32") as many,
    ):
        assert len(list(own_cache.rglob("*.blob"))) == 1
        image = np.random.default_rng(2).random((8, 3, 256, 256), dtype=np.float32)
        rows = [alone(image=image[k : k + 1])["matte"].copy() for k in range(8)]
        np.testing.assert_array_equal(many(image=image)["matte"], np.concatenate(rows))
        np.testing.assert_array_equal(many(image=image[:1])["matte"], rows[0])


def test_the_second_start_is_read_from_the_cache(engines: Path, own_cache: Path) -> None:
    open_engine("sum", backend="openvino:fp32", directory=engines).close()
    kept = list(own_cache.rglob("*.blob"))
    assert len(kept) == 1
    for _ in range(2):  # whole, and cut short: that one is made anew
        with open_engine("sum", backend="openvino:fp32", directory=engines) as engine:
            out = engine(image=given(1.0), matte=given(1.0))["total"]
            np.testing.assert_array_equal(out, given(3.0))
        kept[0].chmod(0o600)
        kept[0].write_bytes(kept[0].read_bytes()[:100])


def damage(blob: Path) -> None:
    """Turn the network's 2 into a 3, so that it computes, and wrongly."""
    data = blob.read_bytes()
    two, three = np.float32(2).tobytes(), np.float32(3).tobytes()
    assert two in data
    blob.chmod(0o600)
    blob.write_bytes(data.replace(two, three))


@pytest.mark.parametrize("sealed", [True, False])
def test_a_damaged_blob_is_made_anew(engines: Path, own_cache: Path, sealed: bool) -> None:
    open_engine("sum", backend="openvino:fp32", directory=engines).close()
    (blob,) = own_cache.rglob("*.blob")
    whole = blob.read_bytes()
    damage(blob)
    if not sealed:
        blob.with_suffix(".sha256").unlink()
    with open_engine("sum", backend="openvino:fp32", directory=engines) as engine:
        out = engine(image=given(1.0), matte=given(1.0))["total"]
        np.testing.assert_array_equal(out, given(3.0))
    (blob,) = own_cache.rglob("*.blob")
    assert len(blob.read_bytes()) == len(whole)
    before = blob.stat().st_mtime_ns, blob.stat().st_ino
    open_engine("sum", backend="openvino:fp32", directory=engines).close()
    assert (blob.stat().st_mtime_ns, blob.stat().st_ino) == before  # sealed again, and kept


def test_a_damaged_blob_that_cannot_be_replaced_is_not_used(
    engines: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_engine("sum", backend="openvino:fp32", directory=engines).close()
    (blob,) = own_cache.rglob("*.blob")
    damage(blob)

    def refused(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError("another program has it open")

    monkeypatch.setattr(Path, "unlink", refused)
    with open_engine("sum", backend="openvino:fp32", directory=engines) as engine:
        out = engine(image=given(1.0), matte=given(1.0))["total"]
        np.testing.assert_array_equal(out, given(3.0))


@pytest.mark.parametrize(("choice", "factor"), [("fp32", 2.0), ("int8", 2.5)])
def test_a_precision_asked_for_is_the_one_that_runs(
    variants: Path, choice: str, factor: float
) -> None:
    with open_engine("sum", backend=f"openvino:{choice}", directory=variants) as engine:
        out = engine(image=given(0.0), matte=given(1.0))["total"]
        np.testing.assert_array_equal(out, given(factor))


def test_a_network_without_int8_runs_in_what_there_is_and_says_so(variants: Path) -> None:
    raw = json.loads((variants / "manifest.json").read_text())
    raw["engines"]["plain"] = {k: v for k, v in raw["engines"]["sum"].items() if k != "variants"}
    (variants / "manifest.json").write_text(json.dumps(raw))
    said: list[str] = []
    with open_engine("plain", backend="openvino:int8", directory=variants, say=said.append) as e:
        np.testing.assert_array_equal(e(image=given(0), matte=given(1))["total"], given(2))
        assert e.backend.endswith(", not int8: the plain does not come in it")
    assert len(said) == 1 and said[0].startswith("the plain network does not come in int8: OpenV")


def test_a_precision_that_is_not_to_be_had_says_why(
    variants: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from unmask_live.runtime import precision

    with pytest.raises(UserError, match="there is no precision 'int4': choose fp32, bf16, int8"):
        open_engine("sum", backend="openvino:int4", directory=variants)
    monkeypatch.setattr(precision, "candidates", lambda *_: ("fp32",))
    for asked in ("bf16", "int8"):
        with pytest.raises(UserError, match=f"processor does not compute in {asked}: choose fp32"):
            open_engine("sum", backend=f"openvino:{asked}", directory=variants)


def test_the_precision_is_tried_once_and_then_remembered(
    variants: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from unmask_live.runtime import trial

    tried = []

    def measure(runs: dict, clock: object) -> dict[str, float]:
        for run in runs.values():
            run()
        tried.append(sorted(runs))
        return {name: 2.0 if name == "fp32" else 1.0 + 9 * (name != "int8") for name in runs}

    monkeypatch.setattr(trial, "measure", measure)
    for _ in range(2):
        with open_engine("sum", backend="openvino", directory=variants, threads=1) as engine:
            out = engine(image=given(0.0), matte=given(1.0))["total"]
            np.testing.assert_array_equal(out, given(2.5))
    assert len(tried) == 1
    assert {"fp32", "int8"} <= set(tried[0])
    record = json.loads(next(own_cache.rglob("sum-*.json")).read_text())
    assert record["choice"] == "int8"
    assert record["milliseconds"]["fp32"] == 2.0


def test_bf16_that_computes_wrongly_is_refused_aloud(
    variants: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from unmask_live.runtime import parity, precision, trial

    times = {"fp32": 9.0, "bf16": 1.0, "int8": 3.0}
    monkeypatch.setattr(precision, "candidates", lambda *_: tuple(times))
    monkeypatch.setattr(trial, "measure", lambda runs, clock: {name: times[name] for name in runs})
    monkeypatch.setattr(parity, "fault", lambda engine, entry: "output 'total' is off by 1")
    said = []
    with open_engine(
        "sum", backend="openvino", directory=variants, threads=1, say=said.append
    ) as engine:
        out = engine(image=given(0.0), matte=given(1.0))["total"]
        np.testing.assert_array_equal(out, given(2.5))  # int8: the next in speed
    assert said == ["OpenVINO bf16 is not used for the sum: output 'total' is off by 1"]


def test_bf16_that_computes_wrongly_is_refused_when_it_is_asked_for(
    variants: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from unmask_live.runtime import parity, precision

    monkeypatch.setattr(precision, "candidates", lambda *_: ("fp32", "bf16"))
    monkeypatch.setattr(parity, "fault", lambda engine, entry: "output 'total' is off by 1")
    said: list[str] = []
    with pytest.raises(UserError, match="bf16 computes the sum wrongly here: output 'total' is"):
        open_engine("sum", backend="openvino:bf16", directory=variants, say=said.append)
    assert said == []
    with open_engine("sum", backend="openvino:fp32", directory=variants) as engine:  # never asked
        assert "FP32" in engine.backend


@pytest.mark.parametrize("name", ["finder", "segmenter", "inpainter"])
def test_bf16_of_what_ships_computes_what_fp32_does(name: str) -> None:
    from unmask_live.runtime import load_manifest, parity

    try:
        engine = open_engine(name, backend="openvino:bf16", threads=1)
    except UserError:
        pytest.skip("this processor has no bf16")
    with engine:
        assert parity.fault(engine, load_manifest()[name]) == ""


def test_threads_that_do_not_pay_are_not_taken(
    engines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from unmask_live.runtime import threads, trial

    monkeypatch.setattr(threads, "TRIFLE", 0.0)
    for times, taken in (({"1": 10.0, "2": 9.0}, 1), ({"1": 10.0, "2": 6.0}, 2)):
        monkeypatch.setenv("UNMASK_LIVE_CACHE", str(engines / f"cache-{taken}"))
        monkeypatch.setattr(trial, "measure", lambda runs, clock, times=times: times)
        with open_engine("sum", backend="openvino:fp32", directory=engines, cores=2) as engine:
            assert f" {taken} thread" in engine.backend
    with open_engine("sum", backend="openvino:fp32", directory=engines, cores=1) as engine:
        assert " 1 thread)" in engine.backend


@pytest.mark.parametrize(
    ("precision", "able", "wanted"),
    [
        ("int8", {"FP32", "INT8", "BF16"}, ["bf16", "f32"]),
        ("int8", {"FP32", "INT8"}, ["f32"]),
        ("fp32", {"FP32", "BF16"}, ["f32"]),
        ("bf16", {"FP32", "BF16"}, ["bf16"]),
    ],
)
def test_what_is_not_quantised_runs_in_the_quickest_the_processor_has(precision, able, wanted):
    from unmask_live.runtime.openvino_engine import hints_for

    assert hints_for(precision, able) == wanted


def test_a_format_that_openvino_lacks_layers_for_gives_way_to_the_next(monkeypatch):
    from unmask_live.runtime import openvino_engine
    from unmask_live.runtime.engine import BackendUnavailable

    def compile_network(core, entry, settings):
        if settings["INFERENCE_PRECISION_HINT"] == "bf16":
            raise BackendUnavailable("No suitable implementations")
        return settings["INFERENCE_PRECISION_HINT"]

    monkeypatch.setattr(openvino_engine, "compile_network", compile_network)
    assert openvino_engine.compile_first(None, None, 1, ["bf16", "f32"]) == "f32"
    with pytest.raises(BackendUnavailable):
        openvino_engine.compile_first(None, None, 1, ["bf16"])
