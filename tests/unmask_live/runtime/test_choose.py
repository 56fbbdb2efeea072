from __future__ import annotations

import sys
import warnings
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from unmask_live.errors import UserError
from unmask_live.runtime import (
    BackendUnavailable,
    Engine,
    EngineEntry,
    backend_names,
    open_engine,
)
from unmask_live.runtime.boundary import bounded
from unmask_live.runtime.choose import installed_choices
from unmask_live.runtime.engine import Absent, Options
from unmask_live.runtime.openvino import OpenVinoEngine


def fails(reason: str, kind: type[BackendUnavailable] = BackendUnavailable):
    def opener(entry: EngineEntry, options: Options) -> Engine:
        raise kind(reason)

    return opener


def works(entry: EngineEntry, options: Options) -> Engine:
    return OpenVinoEngine(entry, threads=options.threads, batch=options.batch)


def test_auto_takes_the_first_that_works(engines: Path) -> None:
    backends = {"absent": fails("not installed", Absent), "openvino": works}
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # what was never installed is not missed
        engine = open_engine("sum", directory=engines, backends=backends)
    with engine:
        assert engine.backend.startswith("OpenVINO")
        assert "absent" not in engine.backend


def test_what_is_installed_is_not_passed_over_in_silence(engines: Path) -> None:
    said = []
    backends = {"one": fails("no driver"), "two": fails("none", Absent), "openvino": works}
    with open_engine("sum", directory=engines, backends=backends, say=said.append) as engine:
        assert said == ["openvino runs the networks, although more is installed (one: no driver)"]
        assert engine.backend.startswith("OpenVINO")
        assert engine.backend.endswith(", not one: no driver")
        ones = np.ones((1, 1, 4, 4), np.float32)
        np.testing.assert_array_equal(engine(image=ones, matte=ones)["total"], 3 * ones)
        assert (engine.name, engine.batch) == ("sum", 1)
        assert dict(engine.outputs) == {"total": (1, 1, 4, 4)}
    with pytest.raises(RuntimeError, match="closed"):
        engine(image=ones, matte=ones)
    with pytest.warns(UserWarning, match="although more is installed"):
        open_engine("sum", directory=engines, backends=backends).close()


def test_when_none_works_every_reason_is_told(engines: Path) -> None:
    backends = {"one": fails("no driver"), "two": fails("wrong chip")}
    with pytest.raises(UserError, match=r"one: no driver; two: wrong chip"):
        open_engine("sum", directory=engines, backends=backends)


def test_a_named_backend_has_no_silent_fallback(engines: Path) -> None:
    backends = {"one": fails("no driver"), "openvino": works}
    with pytest.raises(UserError, match="one: no driver"):
        open_engine("sum", backend="one", directory=engines, backends=backends)


def test_unknown_backend(engines: Path) -> None:
    with pytest.raises(UserError, match=r"no backend 'cudnn': choose auto, .*openvino"):
        open_engine("sum", backend="cudnn", directory=engines)


def test_what_stands_behind_the_colon_reaches_the_backend(engines: Path) -> None:
    asked = []

    def opener(entry: EngineEntry, options: Options) -> Engine:
        asked.append((options.choice, options.batch, options.build))
        return works(entry, options)

    one = {"one": opener}
    with open_engine("sum", backend="one:fast", batch=4, directory=engines, backends=one) as engine:
        assert engine.batch == 4
    open_engine("sum", build=False, directory=engines, backends=one).close()
    assert asked == [("fast", 4, True), ("", 1, False)]


def test_the_window_lists_what_is_installed_with_its_choices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    found = installed_choices()
    assert {"openvino", "openvino:fp32", "openvino:bf16", "openvino:int8"} <= set(found)
    assert not any(name.startswith("tensorrt") for name in found)
    fake = ModuleType("tensorrt")
    fake.__spec__ = None
    monkeypatch.setitem(sys.modules, "tensorrt", fake)
    assert {"tensorrt", "tensorrt:fp16", "tensorrt:mixed"} <= set(installed_choices())


@pytest.mark.parametrize("batch", [0, 9, -1])
def test_a_batch_has_bounds(engines: Path, batch: int) -> None:
    with pytest.raises(ValueError, match=f"batch: got {batch}, wanted 1 to 8"):
        open_engine("sum", batch=batch, directory=engines)


def test_auto_ends_where_something_runs(engines: Path) -> None:
    with open_engine("sum", directory=engines) as engine:
        assert engine.backend


def test_each_name_is_a_backend_that_can_be_asked_for(engines: Path) -> None:
    for name in backend_names():
        try:
            open_engine("sum", backend=name, directory=engines).close()
        except UserError as error:
            assert str(error).startswith(f"nothing can run the sum network here ({name}: ")


def crashes(entry: EngineEntry, options: Options) -> Engine:
    raise OSError("libthis.so: cannot open\nshared object file")


def test_a_backend_that_crashes_has_a_reason_too(engines: Path) -> None:
    backends = {"one": bounded(crashes), "openvino": works}
    said = []
    with open_engine("sum", directory=engines, backends=backends, say=said.append) as engine:
        assert engine.backend.startswith("OpenVINO")
    assert len(said) == 1
    with pytest.raises(UserError, match=r"one: OSError: libthis\.so: cannot open shared object"):
        open_engine("sum", backend="one", directory=engines, backends=backends)
