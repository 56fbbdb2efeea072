from __future__ import annotations

from pathlib import Path

import pytest

from unmask_live.errors import UserError
from unmask_live.runtime import BackendUnavailable, Engine, EngineEntry, open_engine
from unmask_live.runtime.openvino import OpenVinoEngine


def fails(reason: str):
    def opener(entry: EngineEntry, threads: int | None) -> Engine:
        raise BackendUnavailable(reason)

    return opener


def works(entry: EngineEntry, threads: int | None) -> Engine:
    return OpenVinoEngine(entry, threads=threads)


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
    with pytest.raises(UserError, match=r"no backend 'cudnn': choose auto, openvino"):
        open_engine("sum", backend="cudnn", directory=engines)
