"""Which backend serves an engine.

A backend is one file with a class that satisfies `Engine`, and one function here. The order of
`_BACKENDS` is the order in which ``auto`` tries them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from unmask_live.errors import UserError
from unmask_live.runtime.engine import BackendUnavailable, Engine
from unmask_live.runtime.manifest import EngineEntry, find_entry

Opener = Callable[[EngineEntry, "int | None"], Engine]


def _openvino(entry: EngineEntry, threads: int | None) -> Engine:
    from unmask_live.runtime.openvino import OpenVinoEngine  # late: the import is not free

    return OpenVinoEngine(entry, threads=threads)


_BACKENDS: dict[str, Opener] = {"openvino": _openvino}


def backend_names() -> tuple[str, ...]:
    """Return the backends this version knows, in the order ``auto`` tries them."""
    return tuple(_BACKENDS)


def open_engine(
    name: str,
    *,
    backend: str = "auto",
    threads: int | None = None,
    directory: Path | None = None,
    backends: Mapping[str, Opener] | None = None,
) -> Engine:
    """Open a shipped network on the first backend that can run it.

    Parameters
    ----------
    name : "finder", "segmenter" or "inpainter": a name in the manifest
    backend : a name from `backend_names`, or "auto"
    threads : most CPU threads; None lets the backend choose
    directory : where the manifest lies; the shipped engines by default
    backends : the registry to choose from; for tests and programs with a backend of their own

    Raises
    ------
    UserError
        if the network is missing or damaged, the backend is unknown, or none can serve; then the
        text holds each backend's own reason
    """
    known = _BACKENDS if backends is None else backends
    if backend != "auto" and backend not in known:
        raise UserError(f"there is no backend {backend!r}: choose auto, {', '.join(known)}")
    entry = find_entry(name, directory)
    reasons = []
    for candidate in known if backend == "auto" else (backend,):
        try:
            return known[candidate](entry, threads)
        except BackendUnavailable as error:
            reasons.append(f"{candidate}: {error}")
    raise UserError(f"nothing can run the {name} network here ({'; '.join(reasons)})")
