"""ONNX Runtime (extra ``ort``): every accelerator it has a provider for, and any CPU."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from unmask_live.runtime.boundary import bounded, imported, short
from unmask_live.runtime.engine import Absent, BackendUnavailable, Options, Shape
from unmask_live.runtime.manifest import EngineEntry
from unmask_live.runtime.owned import OwnedEngine, stacked
from unmask_live.runtime.threads import default_threads
from unmask_live.types import Floats

PROVIDERS = {
    "tensorrt": "TensorrtExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "rocm": "ROCMExecutionProvider",
    "migraphx": "MIGraphXExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "qnn": "QNNExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
"""What ``onnxruntime:NAME`` may say, and what ONNX Runtime calls it."""
_PACKAGE = {"cuda": "onnxruntime-gpu", "tensorrt": "onnxruntime-gpu"} | {
    "directml": "onnxruntime-directml",
    "openvino": "onnxruntime-openvino",
}


@bounded
def open_onnxruntime(entry: EngineEntry, options: Options) -> OnnxRuntimeEngine:
    """Open a network on the provider asked for, else on the first one here that can run it.

    Raises
    ------
    BackendUnavailable
        with the reason of each provider that was tried
    """
    runtime = _runtime()
    here = [name for name, full in PROVIDERS.items() if full in runtime.get_available_providers()]
    if options.choice and options.choice not in here:
        raise Absent(_missing(options.choice, here))
    reasons = []
    for provider in [options.choice] if options.choice else here:
        try:
            return OnnxRuntimeEngine(
                entry, provider=provider, threads=options.threads, batch=options.batch
            )
        except BackendUnavailable as error:
            reasons.append(f"{provider}: {error}")
    raise BackendUnavailable("; ".join(reasons) or "has no provider that is known here")


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

    Raises
    ------
    BackendUnavailable
        if ONNX Runtime cannot load the network, or runs none of it on the provider asked for
    """

    def __init__(
        self,
        entry: EngineEntry,
        *,
        provider: str = "cpu",
        threads: int | None = None,
        batch: int = 1,
    ) -> None:
        wanted = PROVIDERS[provider]
        inputs = {name: spec.shape for name, spec in entry.inputs.items()}
        outputs = {name: spec.shape for name, spec in entry.outputs.items()}
        super().__init__(entry.name, inputs, outputs, batch)
        self._given, self._made = stacked(inputs, batch), stacked(outputs, batch)
        with tempfile.TemporaryDirectory(prefix="unmask-live-") as folder:
            threads = threads or default_threads()
            session = _session(entry, wanted, threads, Path(folder) / "profile")
            self._session: Any = session
            self._bound = [self._bind(session, item, inputs, outputs) for item in range(batch)]
            try:
                session.run_with_iobinding(self._bound[0])
            except Exception as error:  # every provider has failures of its own
                raise BackendUnavailable(f"cannot run {entry.path.name}: {short(error)}") from None
            shares = _nodes(Path(session.end_profiling()))
        if not shares[wanted]:
            ran = ", ".join(shares) or "nothing that is told"
            raise BackendUnavailable(f"{wanted} was asked for and {ran} ran the network instead")
        self._backend = _describe(wanted, shares, threads)

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


def _missing(provider: str, here: list[str]) -> str:
    if provider not in PROVIDERS:
        return f"there is no provider {provider!r}: choose {', '.join(PROVIDERS)}"
    fix = f": pip install {_PACKAGE[provider]} in its place" if provider in _PACKAGE else ""
    return f"the installed ONNX Runtime has no {provider} provider (it has {', '.join(here)}){fix}"


def _session(entry: EngineEntry, provider: str, threads: int, profile: Path) -> Any:
    """Open a session that writes a profile of which provider runs what."""
    runtime = _runtime()
    settings = runtime.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 4  # what fails is raised, and told in one sentence
    # Threads that spin while they wait take the cores from the codecs.
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
    settings.enable_profiling = True
    settings.profile_file_prefix = str(profile)
    try:
        session = runtime.InferenceSession(str(entry.path), settings, providers=[provider])
        session.disable_fallback()
    except Exception as error:
        raise BackendUnavailable(f"cannot load {entry.path.name}: {short(error)}") from None
    if provider not in session.get_providers():
        got = ", ".join(session.get_providers())
        raise BackendUnavailable(f"{provider} was asked for and {got} was opened instead")
    return session


def _nodes(profile: Path) -> Counter[str]:
    """Return how many nodes of the network each provider ran, from a session's profile."""
    seen = {
        (event["name"], event["args"]["provider"])
        for event in json.loads(profile.read_text(encoding="utf-8"))
        if event.get("cat") == "Node" and event.get("args", {}).get("provider")
    }
    return Counter(provider for _, provider in seen)


def _describe(provider: str, shares: Counter[str], threads: int) -> str:
    name = provider.removesuffix("ExecutionProvider")
    own, total = shares[provider], shares.total()
    where = "" if own == total else f", {own} of {total} nodes, the rest on the CPU"
    plural = "" if threads == 1 else "s"
    cpu = f" ({threads} thread{plural})" if name == "CPU" else where
    return f"ONNX Runtime {_runtime().__version__} {name}{cpu}"
