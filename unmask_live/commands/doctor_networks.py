"""The doctor's look at the networks: each is loaded and run once on each backend."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from unmask_live.commands.backend_asked import reason_of
from unmask_live.commands.check import Check
from unmask_live.commands.doctor_choices import examine_choices
from unmask_live.errors import UserError

ANEW = "reinstall unmask-live and its packages in a fresh environment"
ELSEWHERE = "leave --backend away to see what else can run the networks"
_ADVISED = re.compile(r": (?:pip install|install|reinstall|run|choose) ")
"""How a reason says itself what to do, after its colon."""


def examine_networks(only: str | None) -> Iterator[Check]:
    """Yield what runs each network: what loads may still not run.

    Parameters
    ----------
    only : the backend alone to try; None for every one
    """
    try:
        entries, backends = _entries(), _backends() if only is None else (only,)
    except UserError as error:
        yield Check("networks", "manifest", False, str(error), fix="reinstall unmask-live")
        return
    except Exception as error:  # of a package that cannot be imported
        fix = "repair the packages above first"
        yield Check("networks", "runtime", False, f"cannot be loaded: {error}", fix=fix)
        return
    missing = {"finder", "segmenter", "inpainter"} - set(entries)
    if missing:
        detail = f"lacks {', '.join(sorted(missing))}"
        yield Check("networks", "manifest", False, detail, fix="reinstall unmask-live")
    tried = {name: {backend: _try(name, backend) for backend in backends} for name in entries}
    served = {name: any(ok for ok, _ in each.values()) for name, each in tried.items()}
    for backend in backends:
        found = {name: each[backend] for name, each in tried.items()}
        yield from _on(backend, found, served, ANEW if only in (None, "auto") else ELSEWHERE)
    yield from examine_choices()


def _on(
    backend: str, found: Mapping[str, tuple[bool, str]], served: Mapping[str, bool], advice: str
) -> Iterator[Check]:
    """Yield what one backend runs: one finding where it runs nothing, for the same reason.

    Parameters
    ----------
    found : what `_try` returned for each network
    served : whether any backend runs it
    advice : what to do where nothing does, and the reason does not say it
    """
    reasons = {detail for ok, detail in found.values() if not ok}
    runs_none = bool(found) and not any(ok for ok, _ in found.values())
    if runs_none and (all(served.values()) or len(reasons) == 1):
        reason = next(detail for _, detail in found.values())
        fatal = not all(served.values())
        yield Check("networks", backend, False, reason, fatal, _fix(reason, advice, fatal))
        return
    for name, (ok, detail) in found.items():
        fatal = not served[name]
        yield Check(
            "networks", f"{name} on {backend}", ok, detail, fatal, _fix(detail, advice, fatal)
        )


def _fix(reason: str, advice: str, fatal: bool) -> str:
    return advice if fatal and not _ADVISED.search(reason) else ""


def _entries() -> tuple[str, ...]:
    """Return the names of the shipped networks."""
    from unmask_live.runtime.manifest import load_manifest  # late: its package needs numpy

    return tuple(load_manifest())


def _backends() -> tuple[str, ...]:
    from unmask_live.runtime.choose import backend_names

    return backend_names()


def _try(name: str, backend: str) -> tuple[bool, str]:
    """Return whether one network runs on one backend, and what ran it or why it does not."""
    try:
        return True, _run_once(name, backend)
    except Exception as error:  # any failure at all is a finding here
        text = " ".join(str(error).split()) or type(error).__name__
        return False, reason_of(text, backend)


def _run_once(name: str, backend: str) -> str:
    """Run one network on nothing; return what ran it."""
    import numpy as np

    from unmask_live.runtime.choose import open_engine

    with open_engine(name, backend=backend, build=False) as engine:
        outputs = engine(**{k: np.zeros(s, np.float32) for k, s in engine.inputs.items()})
        for key, array in outputs.items():
            if not np.isfinite(array).all():
                raise UserError(f"output {key!r} is not finite: this backend computes garbage")
        return engine.backend
