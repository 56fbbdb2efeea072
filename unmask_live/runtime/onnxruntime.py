"""ONNX Runtime (extra ``ort``): every accelerator it has a provider for, and any CPU."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from unmask_live.runtime import parity
from unmask_live.runtime.boundary import bounded, imported, short
from unmask_live.runtime.engine import Absent, BackendUnavailable, Engine, Options, Shape
from unmask_live.runtime.manifest import EngineEntry
from unmask_live.runtime.ort_providers import LEAST, PROVIDERS, missing, shares_in, ways
from unmask_live.runtime.owned import OwnedEngine, stacked
from unmask_live.runtime.second_choice import SecondChoice
from unmask_live.runtime.threads import default_threads
from unmask_live.types import Floats


@bounded
def open_onnxruntime(entry: EngineEntry, options: Options) -> Engine:
    """Open a network on the provider asked for, else on the first one here that can run it.

    What any but the CPU computes is compared with OpenVINO on shipped pictures.

    Raises
    ------
    BackendUnavailable
        with the reason of each provider that was tried
    """
    runtime = _runtime()
    here = [name for name, full in PROVIDERS.items() if full in runtime.get_available_providers()]
    if options.choice and options.choice not in here:
        raise Absent(missing(options.choice, here))
    reasons = []
    for provider in [options.choice] if options.choice else here:
        try:
            engine = _open_on(provider, entry, options)
        except BackendUnavailable as error:
            reasons.append(f"{provider}: {error}")
            continue
        if not reasons:
            return engine
        instead = "; ".join(reasons)
        options.say(f"ONNX Runtime takes its {provider} provider, although it has more ({instead})")
        return SecondChoice(engine, instead)
    raise BackendUnavailable("; ".join(reasons) or "has no provider that is known here")


def _open_on(provider: str, entry: EngineEntry, options: Options) -> OnnxRuntimeEngine:
    """Return a network on one provider, in the first way in which it computes what it should."""
    refused: list[str] = []
    for way in ways(provider, entry, options, str(_runtime().__version__)):
        told = "".join(f", {text}" for text in (way.told, *refused) if text)
        engine = OnnxRuntimeEngine(
            entry,
            provider=provider,
            threads=options.threads,
            batch=options.batch,
            settings=way.settings,
            told=told,
        )
        if provider == "cpu":
            return engine
        try:
            reason = parity.fault(engine, entry)
        except BaseException:
            engine.close()
            raise
        if not reason:
            return engine
        engine.close()
        refused.append(f"{way.told} refused: {reason}".strip())
        options.say(
            f"ONNX Runtime's {provider} provider is not used for the {entry.name} in "
            f"{way.told or 'its own precision'}: {reason}"
        )
    raise BackendUnavailable("; ".join(refused))


class OnnxRuntimeEngine(OwnedEngine):
    """One network in an ONNX Runtime session; see `Engine` for the contract.

    The shipped networks are made for one item: a batch runs one by one behind the same call. All
    buffers are bound once; ONNX Runtime moves them to and from the device itself.

    Parameters
    ----------
    entry : what to load, its file already verified
    provider : a name of `PROVIDERS`
    threads : most CPU threads; by default the cores this process may use, at most 4
    batch : items of one call at most
    settings : the provider's own options
    told : what of them stands in `backend`

    Raises
    ------
    BackendUnavailable
        if ONNX Runtime cannot load the network, or runs too little of it on the provider asked for
    """

    def __init__(
        self,
        entry: EngineEntry,
        *,
        provider: str = "cpu",
        threads: int | None = None,
        batch: int = 1,
        settings: Mapping[str, Any] = MappingProxyType({}),
        told: str = "",
    ) -> None:
        wanted = PROVIDERS[provider]
        inputs = {name: spec.shape for name, spec in entry.inputs.items()}
        outputs = {name: spec.shape for name, spec in entry.outputs.items()}
        super().__init__(entry.name, inputs, outputs, batch)
        self._given, self._made = stacked(inputs, batch), stacked(outputs, batch)
        with tempfile.TemporaryDirectory(prefix="unmask-live-") as folder:
            threads = threads or default_threads()
            session = _session(entry, wanted, settings, threads, Path(folder) / "profile")
            self._session: Any = session
            self._bound = [self._bind(session, item, inputs, outputs) for item in range(batch)]
            try:
                session.run_with_iobinding(self._bound[0])
            except Exception as error:  # every provider has failures of its own
                raise BackendUnavailable(f"cannot run {entry.path.name}: {short(error)}") from None
            shares = shares_in(Path(session.end_profiling()))
        if shares.of(wanted) < LEAST:
            ran = ", ".join(f"{name} ({count} nodes)" for name, count in shares.nodes.items())
            raise BackendUnavailable(
                f"{wanted} was asked for and {ran or 'nothing that is told'} ran the network "
                "instead"
            )
        self._backend = _describe(wanted, shares.nodes, threads) + told

    @property
    def backend(self) -> str:
        """What runs it, read from a profile of the first run: version, provider, nodes."""
        return self._backend

    def _bind(
        self,
        session: Any,
        item: int,
        inputs: Mapping[str, Shape],
        outputs: Mapping[str, Shape],
    ) -> Any:
        """Return a binding of one item's place in every buffer."""
        binding = session.io_binding()
        for shapes, buffers, bind in (
            (inputs, self._given, binding.bind_input),
            (outputs, self._made, binding.bind_output),
        ):
            for name, shape in shapes.items():
                place = buffers[name][item]
                bind(name, "cpu", 0, np.float32, shape, place.ctypes.data)
        return binding

    def _run(self, inputs: Mapping[str, Floats], count: int) -> dict[str, Floats]:
        for name, array in inputs.items():
            self._given[name][:count] = array
        for item in range(count):
            self._session.run_with_iobinding(self._bound[item])
        return {name: array[:count] for name, array in self._made.items()}

    def _free(self) -> None:
        self._bound, self._session = [], None  # bindings first: they point into the session


def _runtime() -> Any:
    return imported("onnxruntime", "pip install 'unmask-live[ort]'")


def _session(
    entry: EngineEntry, provider: str, own: Mapping[str, Any], threads: int, profile: Path
) -> Any:
    """Open a session that writes a profile of which provider runs what."""
    runtime = _runtime()
    settings = runtime.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 4  # what fails is raised, and told in one sentence
    # Threads that spin while they wait take the cores from the codecs.
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
    settings.enable_mem_pattern = provider != PROVIDERS["directml"]  # which cannot have it
    settings.enable_profiling = True
    settings.profile_file_prefix = str(profile)
    try:
        session = runtime.InferenceSession(
            str(entry.path), settings, providers=[(provider, dict(own))]
        )
        session.disable_fallback()
    except Exception as error:
        raise BackendUnavailable(f"cannot load {entry.path.name}: {short(error)}") from None
    if provider not in session.get_providers():
        got = ", ".join(session.get_providers())
        raise BackendUnavailable(f"{provider} was asked for and {got} was opened instead")
    return session


def _describe(provider: str, shares: Counter[str], threads: int) -> str:
    name = provider.removesuffix("ExecutionProvider")
    own, total = shares[provider], shares.total()
    where = "" if own == total else f", {own} of {total} nodes, the rest on the CPU"
    plural = "" if threads == 1 else "s"
    cpu = f" ({threads} thread{plural})" if name == "CPU" else where
    return f"ONNX Runtime {_runtime().__version__} {name}{cpu}"
