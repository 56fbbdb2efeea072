"""What `unmask-live doctor` finds: one value for each thing it looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One finding.

    Attributes
    ----------
    ok : True, or False where something is missing
    essential : whether the program cannot do its work without it
    fix : what to do if it is not ok
    """

    group: str
    name: str
    ok: bool
    detail: str
    essential: bool = True
    fix: str = ""
