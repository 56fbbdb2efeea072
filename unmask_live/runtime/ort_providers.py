"""ONNX Runtime's providers: their names, what each is opened with, and what it truly ran."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from unmask_live.runtime import cache
from unmask_live.runtime.engine import BackendUnavailable, Options
from unmask_live.runtime.manifest import EngineEntry

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
LEAST = 0.5
"""A provider must run at least this share of what costs: its own nodes, and the convolutions and
matrix products that are left to the CPU. Several fuse a whole network into one node."""
_COSTLY = ("Conv", "Gemm", "MatMul")


class Way(NamedTuple):
    """How a provider may be opened.

    Attributes
    ----------
    settings : the provider's own options
    told : what of them a user should know
    """

    settings: Mapping[str, Any]
    told: str = ""


class Shares(NamedTuple):
    """Who ran how many nodes: all of them, and those among them that cost."""

    nodes: Counter[str]
    costly: Counter[str]

    def of(self, provider: str) -> float:
        """Return a provider's share of what costs, 0..1; see `LEAST`."""
        own = self.nodes[provider]
        left = self.costly.total() - self.costly[provider]
        return own / (own + left) if own else 0.0


def ways(provider: str, entry: EngineEntry, options: Options, release: str) -> Iterator[Way]:
    """Yield the ways to open a network on a provider, the fastest first.

    TensorRT is given 16 bits first and keeps what it compiles; what others compute in (CUDA may
    take TF32) is theirs to choose, and checked afterwards like everything else.

    Parameters
    ----------
    release : ONNX Runtime's version

    Raises
    ------
    BackendUnavailable
        if TensorRT would have to compile now and ``options.build`` is False
    """
    if provider != "tensorrt":
        yield Way({})
        return
    for precision in ("fp16", "fp32"):
        folder = _trt_folder(entry, release, precision)
        if folder is None or not any(folder.glob("*.engine")):
            if not options.build:
                raise BackendUnavailable(
                    "its plan is not built yet: run `unmask-live engines build --backend "
                    "onnxruntime:tensorrt`"
                )
            options.say(
                f"ONNX Runtime's TensorRT compiles the {entry.name} in {precision}, once, for "
                "minutes"
            )
        kept = {} if folder is None else _kept_in(folder)
        yield Way({"trt_fp16_enable": precision == "fp16", **kept}, precision.upper())


def _kept_in(folder: Path) -> dict[str, Any]:
    return {
        "trt_engine_cache_enable": True,
        "trt_engine_cache_path": str(folder),
        "trt_timing_cache_enable": True,
        "trt_timing_cache_path": str(folder.parent),
    }


def _trt_folder(entry: EngineEntry, release: str, precision: str) -> Path | None:
    """Return where plans are kept, for one version of ONNX Runtime and TensorRT each.

    It is they who must not mix; the kind of GPU is part of the files' names.
    """
    try:
        tensorrt = metadata.version("tensorrt")
    except metadata.PackageNotFoundError:  # a TensorRT of the system
        tensorrt = "system"
    return cache.cache_dir(f"ort-{release}-tensorrt-{tensorrt}/{precision}-{entry.sha256[:16]}")


def missing(provider: str, here: list[str]) -> str:
    """Say why a provider is not to be had.

    Parameters
    ----------
    here : those that the installed ONNX Runtime has
    """
    if provider not in PROVIDERS:
        return f"there is no provider {provider!r}: choose {', '.join(PROVIDERS)}"
    fix = f": pip install {_PACKAGE[provider]} in its place" if provider in _PACKAGE else ""
    return f"the installed ONNX Runtime has no {provider} provider (it has {', '.join(here)}){fix}"


def shares_in(profile: Path) -> Shares:
    """Return who ran how much of a network, from a session's profile."""
    seen = {
        (event["name"], event["args"]["provider"], event["args"].get("op_name", ""))
        for event in json.loads(profile.read_text(encoding="utf-8"))
        if event.get("cat") == "Node" and event.get("args", {}).get("provider")
    }
    return Shares(
        Counter(provider for _, provider, _ in seen),
        Counter(provider for _, provider, op in seen if any(word in op for word in _COSTLY)),
    )
