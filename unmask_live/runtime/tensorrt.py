"""TensorRT (extra ``gpu``) on NVIDIA's GPUs.

Never yet run on hardware: the calls follow NVIDIA's documentation of TensorRT 10 and 11 and are
tested against a stand-in (``tests/fake_tensorrt.py``).
"""

from __future__ import annotations

from unmask_live.runtime import parity
from unmask_live.runtime.boundary import bounded
from unmask_live.runtime.cuda import Device, shared_device
from unmask_live.runtime.engine import MOST, BackendUnavailable, Options
from unmask_live.runtime.graph import PRECISIONS, rules
from unmask_live.runtime.manifest import EngineEntry
from unmask_live.runtime.plans import PlanKey, Plans
from unmask_live.runtime.tensorrt_build import build, import_tensorrt
from unmask_live.runtime.tensorrt_engine import TensorRtEngine


@bounded
def open_tensorrt(entry: EngineEntry, options: Options) -> TensorRtEngine:
    """Open a network in the fastest precision whose output is right, building what is not kept.

    fp16 first, then "mixed", then fp32; each is compared with the CPU on shipped pictures every
    time it is loaded, and once for up to 8 items whatever ``options.batch`` is. What fails is
    remembered as refused, said, and named in `backend`.

    Raises
    ------
    BackendUnavailable
        if TensorRT, pycuda or a GPU is missing, ``options.build`` is False and nothing is built
        yet, or no precision computes what it should
    """
    trt = import_tensorrt()
    if options.choice and options.choice not in PRECISIONS:
        raise BackendUnavailable(
            f"there is no precision {options.choice!r}: choose {', '.join(PRECISIONS)}"
        )
    device, plans = shared_device(), Plans()
    refused: list[str] = []
    for precision in (options.choice,) if options.choice else PRECISIONS:
        key = plan_key(entry, precision, device, str(trt.__version__))
        reason = plans.refused(key)
        if not reason:
            plan = obtain(entry, key, plans, device, options)
            note = "".join(f", {text}" for text in refused)
            engine = TensorRtEngine(
                entry, plan, device=device, batch=options.batch, told=f"{precision.upper()}{note}"
            )
            try:
                reason = parity.fault(engine, entry)
                if not reason and not plans.checked(key):
                    reason = _fault_in_batches(engine, entry, plan, device)
            except BaseException:
                engine.close()
                raise
            if not reason:
                plans.check(key)
                return engine
            engine.close()
            plans.refuse(key, reason)
        refused.append(f"{precision} refused: {reason}")
        options.say(f"TensorRT {precision} is not used for the {entry.name}: {reason}")
    raise BackendUnavailable("; ".join(refused))


def _fault_in_batches(
    engine: TensorRtEngine, entry: EngineEntry, plan: bytes, device: Device
) -> str:
    """Return what a plan computes wrongly for more items than its engine takes."""
    if engine.batch == MOST:
        return ""
    with TensorRtEngine(entry, plan, device=device, batch=MOST) as whole:
        return parity.fault(whole, entry)


def plan_key(entry: EngineEntry, precision: str, device: Device, version: str) -> PlanKey:
    """Return what a plan for this network, precision and GPU is kept under."""
    inputs = tuple((name, spec.shape) for name, spec in entry.inputs.items())
    gpu = (device.name, device.capability)
    return PlanKey(entry.name, entry.sha256, *gpu, version, precision, inputs, rules())


def obtain(
    entry: EngineEntry, key: PlanKey, plans: Plans, device: Device, options: Options
) -> bytes:
    """Return the kept plan, or a new one if none fits and building is allowed."""
    plan = plans.load(key)
    if plan is not None:
        return plan
    if not options.build:
        raise BackendUnavailable("its plan is not built yet: run `unmask-live engines build`")
    if options.report is None:
        options.say(
            f"TensorRT compiles the {entry.name} for the {device.name}, once, for minutes: "
            "`unmask-live engines build` does it beforehand and shows how far it is"
        )
    with device.current():
        plan = build(entry.path, key, plans, options.report)
    plans.store(key, plan)
    return plan
