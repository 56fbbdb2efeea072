"""Rows of a table that somebody has measured before, beside those trained here.

Whoever adds a method need not train the whole field again: ``train.table --known table.json`` takes
the other rows from there, where they got the same budget and saw the same pictures.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from train.table_measure import ALL, Groups
from train.table_rows import INCIDENTAL, Budget
from unmask_live.commands.machine import cores, cpu_features, cpu_name
from unmask_live.errors import UserError


def machine() -> str:
    """Return what milliseconds depend on: processor, cores and instruction sets."""
    can = ", ".join(name for name, there in (cpu_features() or {}).items() if there)
    return f"{cpu_name()}, {cores()} cores ({can})"


def read(path: Path, budget: Budget, of: str) -> dict[str, Groups]:
    """Return the rows of a ``table.json``; milliseconds only where they are of such a machine.

    Parameters
    ----------
    budget, of : what rows must have got, and what pictures they must have been measured on

    Raises
    ------
    UserError
        where the file is missing, is no table, or is of another budget or other pictures
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        rows: dict[str, Groups] = content["measured"]
        theirs, same = content["budget"], content["machine"] == machine()
        if content["of"] != of:
            raise UserError(f"{path} was measured on {content['of']!r}, this table on {of!r}")
        other = [key for key, value in described(budget).items() if theirs[key] != value]
        for groups in rows.values():
            if not same:
                groups[ALL].pop("ms", None)
    except FileNotFoundError as error:
        raise UserError(f"{path} is missing: python -m train.table writes it") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path} is no table.json of train.table") from error
    if other:
        raise UserError(f"{path} is of another budget: {', '.join(other)}; leave --known out")
    return rows


def described(budget: Budget) -> dict[str, Any]:
    """Return a budget as JSON has it, without settings that change nothing of what is learnt."""
    sets = [word for word in budget.sets if word.partition("=")[0] not in INCIDENTAL]
    return dataclasses.asdict(budget) | {"sets": sets}
