"""Which backend serves an engine.

A backend is one file with a class that satisfies `Engine`, and one function here. ``auto`` goes
from what is fastest where it is there to what is always there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

from unmask_live.errors import UserError
from unmask_live.runtime.engine import (
    Absent,
    BackendUnavailable,
    Engine,
    Options,
    Report,
    Say,
    warn,
)
from unmask_live.runtime.graph import PRECISIONS
from unmask_live.runtime.manifest import EngineEntry, find_entry
from unmask_live.runtime.ort_providers import PROVIDERS
from unmask_live.runtime.precision import KNOWN
from unmask_live.runtime.second_choice import SecondChoice

Opener = Callable[[EngineEntry, Options], Engine]


def _tensorrt(entry: EngineEntry, options: Options) -> Engine:
    from unmask_live.runtime.tensorrt import open_tensorrt  # late: the imports are not free

    return open_tensorrt(entry, options)


def _openvino(entry: EngineEntry, options: Options) -> Engine:
    from unmask_live.runtime.openvino import open_openvino

    return open_openvino(entry, options)


def _onnxruntime(entry: EngineEntry, options: Options) -> Engine:
    from unmask_live.runtime.onnxruntime import open_onnxruntime

    return open_onnxruntime(entry, options)


_BACKENDS: dict[str, Opener] = {
    "tensorrt": _tensorrt,
    "openvino": _openvino,
    "onnxruntime": _onnxruntime,
}
CHOICES: Mapping[str, tuple[str, ...]] = {
    "tensorrt": PRECISIONS,
    "openvino": KNOWN,
    "onnxruntime": tuple(PROVIDERS),
}
"""What may stand behind a backend's colon; a backend that is not listed is taken as it is."""
_AUTO = ("tensorrt", "onnxruntime:cuda", "onnxruntime:directml", "openvino", "onnxruntime")


def backend_names() -> tuple[str, ...]:
    """Return the backends this version knows; each may be followed by ``:choice``."""
    return tuple(_BACKENDS)


def installed_choices() -> tuple[str, ...]:
    """Return what ``backend`` may be with what is installed: each backend, alone and with choices.

    Whether it can serve only opening tells.
    """
    there = [name for name in _BACKENDS if _is_installed(name)]
    return tuple(
        f"{name}:{choice}" if choice else name
        for name in there
        for choice in ("", *CHOICES.get(name, ()))
    )


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ValueError:  # loaded by other means than Python's own
        return True


def open_engine(
    name: str,
    *,
    backend: str = "auto",
    threads: int | None = None,
    batch: int = 1,
    build: bool = True,
    report: Report | None = None,
    say: Say = warn,
    cores: int | None = None,
    directory: Path | None = None,
    backends: Mapping[str, Opener] | None = None,
) -> Engine:
    """Open a shipped network on the first backend that can run it.

    A backend that is installed and cannot serve is passed over aloud: ``say`` is told, and
    `Engine.backend` has its reason.

    Parameters
    ----------
    name : "finder", "segmenter" or "inpainter": a name in the manifest
    backend : "auto", or a name from `backend_names`, alone or with a choice of its own:
        ``onnxruntime:cuda`` (cpu, cuda, tensorrt, directml, coreml ...), ``openvino:int8`` (fp32,
        bf16, int8), ``tensorrt:fp16`` (fp16, mixed, fp32)
    threads : CPU threads; None lets the backend choose, and OpenVINO try what pays
    batch : items a call may hold, 1 to 8
    build : False refuses what would first have to be compiled for minutes
    report : is told of slow compiling; see `Report`
    say : is told what a user should know: a backend that is passed over, a precision that is
        refused, minutes of compiling ahead; by default it is warned of
    cores : on how many cores it may count where ``threads`` is None; by default all
    directory : where the manifest lies; the shipped engines by default
    backends : the registry to choose from; for tests and programs with a backend of their own

    Raises
    ------
    UserError
        if the network is missing or damaged, the backend is unknown, or none can serve; then the
        text holds each backend's own reason
    """
    known = _BACKENDS if backends is None else backends
    kind, _, _ = backend.partition(":")
    if backend != "auto" and kind not in known:
        raise UserError(f"there is no backend {backend!r}: choose auto, {', '.join(known)}")
    entry = find_entry(name, directory)
    order = (_AUTO if backends is None else tuple(known)) if backend == "auto" else (backend,)
    reasons, passed = [], []
    for candidate in order:
        kind, _, choice = candidate.partition(":")
        options = Options(threads, batch, choice, build, report, say, cores)
        try:
            engine = known[kind](entry, options)
        except BackendUnavailable as error:
            reasons.append(f"{candidate}: {error}")
            if not isinstance(error, Absent):
                passed.append(reasons[-1])
            continue
        if not passed:
            return engine
        instead = "; ".join(passed)
        say(f"{candidate} runs the networks, although more is installed ({instead})")
        return SecondChoice(engine, instead)
    raise UserError(f"nothing can run the {name} network here ({'; '.join(reasons)})")
