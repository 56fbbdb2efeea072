"""A second way to a TensorRT plan: from a training checkpoint, by NVIDIA's torch2trt.

Torch is never imported here: the conversion runs as ``python -m train.torch2trt_plan`` in a
process of its own, from a checkout.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from unmask_live.errors import UserError
from unmask_live.runtime import parity
from unmask_live.runtime.cuda import Device, shared_device
from unmask_live.runtime.engine import MOST, BackendUnavailable, Say, warn
from unmask_live.runtime.manifest import EngineEntry
from unmask_live.runtime.plans import Plans
from unmask_live.runtime.tensorrt import plan_key
from unmask_live.runtime.tensorrt_build import import_tensorrt
from unmask_live.runtime.tensorrt_engine import TensorRtEngine

PRECISIONS = ("fp16", "fp32")


def build_from_checkpoint(entry: EngineEntry, checkpoint: Path, say: Say = warn) -> str:
    """Build a network's plan, check it like any other and keep it; return what runs it.

    In 16 bits first; where those compute what they should not, ``say`` is told, it is remembered,
    and 32 are taken.

    Raises
    ------
    UserError
        if torch2trt, the checkout, TensorRT or a GPU is missing, the conversion fails, or what
        comes out is not the network of the manifest
    """
    for module, fix in (
        (
            "torch2trt",
            "torch2trt is not installed: see github.com/NVIDIA-AI-IOT/torch2trt, or build "
            "without --via, which needs it not",
        ),
        ("train", "--via torch2trt needs train/: run it in a checkout of unmask_live"),
    ):
        if find_spec(module) is None:
            raise UserError(fix)
    if not checkpoint.is_file():
        raise UserError(f"there is no checkpoint {checkpoint}: name one that train.fit wrote")
    try:
        version = str(import_tensorrt().__version__)
        device, plans = shared_device(), Plans()
        keys = [plan_key(entry, precision, device, version) for precision in PRECISIONS]
        refused: list[str] = []
        for key in keys:
            plan = _convert(entry, checkpoint, key.precision)
            told = "".join(f", {text}" for text in refused)
            text, reason = _checked(
                entry, plan, device, f"{key.precision.upper()} via torch2trt{told}"
            )
            if not reason:
                break
            refused.append(f"{key.precision} refused: {reason}")
    except BackendUnavailable as error:
        raise UserError(f"torch2trt cannot build the {entry.name}: {error}") from error
    if reason:
        raise UserError(
            f"the plan of {checkpoint} is not the {entry.name} of the manifest ({reason}): export "
            "the checkpoint first (python -m train.export)"
        )
    for other, why in zip(keys, refused, strict=False):
        plans.refuse(other, why.partition(": ")[2])
        say(f"TensorRT via torch2trt: {why}")
    if refused:  # else the next start would build this one, which comes before fp32
        plans.refuse(plan_key(entry, "mixed", device, version), "torch2trt makes none")
    plans.store(key, plan, via="torch2trt")
    return text


def _checked(entry: EngineEntry, plan: bytes, device: Device, told: str) -> tuple[str, str]:
    """Return what runs a plan, and what that computes wrongly: empty if nothing."""
    with TensorRtEngine(entry, plan, device=device, batch=MOST, told=told) as engine:
        reason = parity.fault(engine, entry)
        return engine.backend, reason


def _convert(entry: EngineEntry, checkpoint: Path, precision: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder) / "plan"
        words = [entry.name, "--checkpoint", str(checkpoint.resolve())]
        words += ["--precision", precision, "--plan", str(plan)]
        done = subprocess.run(
            [sys.executable, "-m", "train.torch2trt_plan", *words],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not plan.is_file():
            lines = done.stderr.strip().splitlines() or ["it says nothing"]
            raise UserError(f"torch2trt cannot convert {checkpoint}: {lines[-1]}")
        return plan.read_bytes()
