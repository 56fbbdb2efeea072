"""A network that no manifest lists, opened like one of ours, to be timed and forgotten."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from unmask_live.runtime import Engine, cache, open_engine
from unmask_live.runtime.manifest import MANIFEST
from unmask_live.runtime.openvino_core import the_core


@contextmanager
def lone_engine(path: Path, *, backend: str, threads: int | None) -> Iterator[Engine]:
    """Open an ONNX file of fixed float32 shapes; nothing of it stays in the user's cache.

    Parameters
    ----------
    path : its stem becomes the engine's name
    backend, threads : as for `open_engine`

    Raises
    ------
    UserError
        if the backend cannot run it
    """
    model = the_core().read_model(str(path))
    entry = {
        "file": str(path.resolve()),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "inputs": _specs(model.inputs),
        "outputs": _specs(model.outputs),
    }
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / MANIFEST).write_text(
            json.dumps({"engines": {path.stem: entry}}), encoding="utf-8"
        )
        with _uncached():
            engine = open_engine(
                path.stem, backend=backend, threads=threads, directory=Path(folder)
            )
    with engine:
        yield engine


def _specs(ports: Any) -> dict[str, Any]:
    return {
        port.get_any_name(): {"shape": [int(side) for side in port.get_shape()]} for port in ports
    }


@contextmanager
def _uncached() -> Iterator[None]:
    """Turn the cache off: compiled copies of networks that are opened once are only in the way."""
    before = os.environ.get(cache.VARIABLE)
    os.environ[cache.VARIABLE] = ""
    try:
        yield
    finally:
        if before is None:
            del os.environ[cache.VARIABLE]
        else:
            os.environ[cache.VARIABLE] = before
