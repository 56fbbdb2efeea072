from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from unmask_live.runtime import load_manifest, open_engine, parity


class Altered:
    """An engine whose outputs are changed on their way out."""

    def __init__(self, engine, change) -> None:
        self.engine, self.change, self.batch, self.counts = engine, change, engine.batch, []

    def __call__(self, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        made = {key: array.copy() for key, array in self.engine(**inputs).items()}
        self.counts.append(len(next(iter(inputs.values()))))
        for array in made.values():
            self.change(array, self.counts[-1])
        return made


@pytest.fixture(scope="module")
def segmenter():
    with open_engine("segmenter", backend="openvino:fp32", batch=3) as engine:
        yield engine


def poke(array: np.ndarray, count: int) -> None:
    array[-1, 0, 128, 128] = np.nan


def shift(array: np.ndarray, count: int) -> None:
    array += 0.01


def second(array: np.ndarray, count: int) -> None:
    if count > 1:  # a batch that mixes its items up
        array[:] = array[::-1].copy()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda array, count: None, ""),
        (poke, "output 'matte' is not finite"),
        (shift, "output 'matte' is off by 0.01 on average"),
        (second, "output 'matte' is off by"),
    ],
)
def test_what_is_computed_wrongly_is_told(segmenter, change, reason: str) -> None:
    engine = Altered(segmenter, change)
    told = parity.fault(engine, load_manifest()["segmenter"])
    assert told.startswith(reason)
    assert bool(told) == bool(reason)
    if not reason:
        assert engine.counts == [1, 1, 1, 3]


def test_as_many_as_an_engine_takes_are_compared(segmenter) -> None:
    class Eight(Altered):
        def __call__(self, **inputs: np.ndarray) -> dict[str, np.ndarray]:
            rows = [
                {key: array[i : i + 1] for key, array in inputs.items()}
                for i in range(len(next(iter(inputs.values()))))
            ]
            made = [self.engine(**row)["matte"].copy() for row in rows]
            self.counts.append(len(rows))
            self.change(made[-1], len(rows))
            return {"matte": np.concatenate(made)}

    engine = Eight(segmenter, lambda array, count: None)
    engine.batch = 8
    assert parity.fault(engine, load_manifest()["segmenter"]) == ""
    assert engine.counts == [1, 1, 1, 3, 8]
    engine.change = lambda array, count: array.__iadd__(count == 8)
    assert parity.fault(engine, load_manifest()["segmenter"]).startswith("output 'matte' is off by")


@pytest.mark.parametrize("name", ["finder", "segmenter", "inpainter"])
def test_networks_are_shown_what_they_are_for(name: str) -> None:
    entry = load_manifest()[name]
    inputs = parity.samples(entry)
    for key, array in inputs.items():
        assert array.shape == (len(parity.MOMENTS), *entry.inputs[key].shape[1:])
        assert array.dtype == np.float32
        assert 0 <= array.min() < array.max() <= 1
        assert len({item.tobytes() for item in array}) == len(array)
    if name == "inpainter":
        holes = inputs["matte"].mean(axis=(1, 2, 3))
        assert (holes > 0.05).all() and (holes < 0.6).all()
        assert (inputs["image"] * inputs["matte"]).max() == 0


def test_a_network_of_another_kind_is_shown_noise(engines: Path) -> None:
    inputs = parity.samples(load_manifest(engines)["sum"])
    assert {key: array.shape for key, array in inputs.items()} == dict.fromkeys(
        ("image", "matte"), (3, 1, 4, 4)
    )


def test_the_reference_is_computed_once(
    engines: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = load_manifest(engines)["sum"]
    inputs, outputs = parity.reference(entry)
    np.testing.assert_allclose(outputs["total"], inputs["image"] + 2 * inputs["matte"], rtol=1e-6)

    def never(_: object) -> None:
        raise AssertionError("computed again")

    with monkeypatch.context() as patch:
        patch.setattr(parity, "samples", never)
        again = parity.reference(entry)
        np.testing.assert_array_equal(again[1]["total"], outputs["total"])
    next(own_cache.rglob("sum-*.npz")).write_bytes(b"PK half a file")
    np.testing.assert_array_equal(parity.reference(entry)[1]["total"], outputs["total"])
