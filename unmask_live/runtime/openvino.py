"""OpenVINO: the embedded default, on any x86-64 or ARM CPU; in what precision and threads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from unmask_live.runtime import parity, precision
from unmask_live.runtime.boundary import bounded
from unmask_live.runtime.cores import cores
from unmask_live.runtime.engine import BackendUnavailable, Engine, Options
from unmask_live.runtime.manifest import EngineEntry
from unmask_live.runtime.openvino_core import capabilities, machine, the_core
from unmask_live.runtime.openvino_engine import OpenVinoEngine
from unmask_live.runtime.second_choice import SecondChoice
from unmask_live.runtime.threads import choose as choose_threads
from unmask_live.runtime.threads import counts
from unmask_live.runtime.trial import Run

__all__ = ["OpenVinoEngine", "open_openvino"]


@bounded
def open_openvino(entry: EngineEntry, options: Options) -> Engine:
    """Open a network in the asked-for precision and threads, or in what is fastest here.

    The precision is tried with all the threads there may be, then the threads in that precision.
    bf16, asked for or not, must also compute what fp32 does on shipped pictures; what int8 loses
    was bounded when it was made (``train.quantise``). A network that does not come in int8 runs in
    what is fastest, and that is said: few come in it.

    Raises
    ------
    BackendUnavailable, UserError
        as `OpenVinoEngine`; also where this processor cannot compute in the precision
    """
    core = the_core()
    asked = options.choice
    names = precision.candidates(entry, capabilities(core))
    if asked and asked not in precision.KNOWN:
        raise BackendUnavailable(
            f"there is no precision {asked!r}: choose {', '.join(precision.KNOWN)}"
        )
    if asked == "int8" and "int8" not in entry.variants:
        return _without_int8(entry, options)
    if asked and asked not in names:
        raise BackendUnavailable(
            f"this processor does not compute in {asked}: choose {' or '.join(names)}"
        )
    share = options.cores or cores()
    most = options.threads or counts(share)[-1]
    with _Opened(entry, options) as opened:
        kind = asked or precision.choose(
            entry,
            names,
            {**machine(core), "threads": most},
            lambda name: opened.run(name, most),
            check=lambda name: opened.fault(name, most),
        )
        if asked and (reason := opened.fault(kind, most)):
            raise BackendUnavailable(f"{kind} computes the {entry.name} wrongly here: {reason}")
        file = entry.variants.get(kind, entry).sha256
        key = {**machine(core), "sha256": file, "precision": kind}
        count = options.threads or choose_threads(
            entry.name, share, key, lambda name: opened.run(kind, int(name))
        )
        return opened.take(kind, count)


def _without_int8(entry: EngineEntry, options: Options) -> Engine:
    engine = open_openvino(entry, replace(options, choice=""))
    options.say(f"the {entry.name} network does not come in int8: {engine.backend} runs it")
    return SecondChoice(engine, f"int8: the {entry.name} does not come in it")


class _Opened:
    """One network's engines that are tried; all but the one that is taken are closed at the end."""

    def __init__(self, entry: EngineEntry, options: Options) -> None:
        self._entry, self._options = entry, options
        self._engines: dict[tuple[str, int], OpenVinoEngine] = {}

    def __enter__(self) -> _Opened:
        return self

    def __exit__(self, *_: object) -> None:
        for engine in self._engines.values():
            engine.close()

    def _engine(self, kind: str, count: int) -> OpenVinoEngine:
        if (kind, count) not in self._engines:
            self._engines[kind, count] = OpenVinoEngine(
                self._entry, threads=count, batch=self._options.batch, precision=kind
            )
        return self._engines[kind, count]

    def run(self, kind: str, count: int) -> Run:
        """Return what runs it once, on noise."""
        engine, rng = self._engine(kind, count), np.random.default_rng(0)
        inputs = {key: rng.random(shape, np.float32) for key, shape in engine.inputs.items()}
        return lambda: void(engine(**inputs))

    def fault(self, kind: str, count: int) -> str:
        """Return why a precision must not be taken, and say so; empty if it may."""
        if kind == "fp32" or kind in self._entry.variants:
            return ""
        reason = parity.fault(self._engine(kind, count), self._entry)
        if reason and not self._options.choice:
            self._options.say(f"OpenVINO {kind} is not used for the {self._entry.name}: {reason}")
        return reason

    def take(self, kind: str, count: int) -> OpenVinoEngine:
        """Return the one that is to stay."""
        engine = self._engine(kind, count)
        del self._engines[kind, count]
        return engine


def void(_: object) -> None:
    """Take a result nobody needs."""
