"""Which backends, with which provider or precision, `bench --all` tries; and why some are not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from unmask_live.commands import machine
from unmask_live.commands.measure import Figures
from unmask_live.runtime import EngineEntry, backend_names
from unmask_live.runtime.choose import CHOICES

_ON_CPU = re.compile(r"openvino|onnxruntime:cpu$")


def all_backends() -> list[str]:
    """Return every backend this version knows, once for each of its choices."""
    return [
        f"{kind}:{choice}" if choice else kind
        for kind in backend_names()
        for choice in CHOICES.get(kind, ("",))
    ]


def served(entries: Mapping[str, EngineEntry], backend: str) -> list[str]:
    """Return the networks that come in what the backend is asked for: few come in int8."""
    int8 = backend == "openvino:int8"
    return [name for name, entry in entries.items() if not int8 or "int8" in entry.variants]


def thread_counts(backend: str, threads: Sequence[int]) -> list[int | None]:
    """Return the numbers of CPU threads to try; None, the backend's own, where they mean nothing.

    More than there are cores would only wait for each other.
    """
    if not _ON_CPU.match(backend):
        return [None]
    return [count for count in threads if count <= machine.cores()] or [1]


def absent(reasons: Mapping[str, Mapping[str, str]], loaded: Sequence[str]) -> list[Figures]:
    """Return what did not load, ``what`` and ``reason``, with as few lines as say it all.

    Parameters
    ----------
    reasons : backend to network to reason
    loaded : backends that run at least one network
    """
    lines: dict[str, str] = {}
    for backend, failed in reasons.items():
        if backend in loaded:
            lines |= {f"{backend}, {name}": reason for name, reason in failed.items()}
        elif failed:
            lines[backend] = next(iter(failed.values()))
    for kind in {backend.partition(":")[0] for backend in reasons}:
        own = [what for what in lines if what.partition(":")[0] == kind]
        same = len({lines[what] for what in own}) == 1
        if len(own) > 1 and same and len(own) == len(CHOICES.get(kind, ())):
            lines = {kind if what == own[0] else what: text for what, text in lines.items()}
            lines = {what: text for what, text in lines.items() if what not in own}
    return [{"what": what, "reason": reason} for what, reason in lines.items()]
