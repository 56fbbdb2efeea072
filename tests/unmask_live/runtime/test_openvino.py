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
