from __future__ import annotations

from pathlib import Path

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
from unmask_live.runtime.engine import Options
from unmask_live.runtime.openvino import OpenVinoEngine


def fails(reason: str):
    def opener(entry: EngineEntry, options: Options) -> Engine:
        raise BackendUnavailable(reason)

    return opener


def works(entry: EngineEntry, options: Options) -> Engine:
    return OpenVinoEngine(entry, threads=options.threads, batch=options.batch)


def test_auto_takes_the_first_that_works(engines: Path) -> None:
    backends = {"absent": fails("no driver"), "openvino": works}
    with open_engine("sum", directory=engines, backends=backends) as engine:
        assert engine.backend.startswith("OpenVINO")


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
    with open_engine("sum", directory=engines, backends=backends) as engine:
        assert engine.backend.startswith("OpenVINO")
    with pytest.raises(UserError, match=r"one: OSError: libthis\.so: cannot open shared object"):
        open_engine("sum", backend="one", directory=engines, backends=backends)
