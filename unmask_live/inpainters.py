"""Which inpainters there are, and how one is named.

A name of the manifest; that of a blind network may be followed by ``:difference``. Then what the
network itself changes says where the mask is, in place of the segmenter.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from unmask_live.errors import UserError
from unmask_live.quality import INPAINTER, SMALL_INPAINTER, network_of
from unmask_live.runtime.kinds import is_blind, is_inpainter
from unmask_live.runtime.manifest import EngineEntry, load_manifest

DIFFERENCE = "difference"
"""What may stand behind the colon."""
_FIRST = (INPAINTER, SMALL_INPAINTER)


@dataclass(frozen=True)
class InpainterChoice:
    """One way to fill.

    Attributes
    ----------
    name : as it is asked for
    title : the same for people
    system : one line about the network
    entry : the network
    by_difference : whether its own difference says where the mask is
    """

    name: str
    title: str
    system: str
    entry: EngineEntry
    by_difference: bool = False


def choices(entries: Mapping[str, EngineEntry]) -> tuple[InpainterChoice, ...]:
    """Return every inpainter of a manifest: the usual one, the smaller one, others by name."""
    names = [name for name, entry in entries.items() if is_inpainter(entry)]
    found: list[InpainterChoice] = []
    for name in sorted(names, key=lambda name: (name not in _FIRST, name)):
        entry = entries[name]
        title = entry.title or name
        found.append(InpainterChoice(name, title, entry.system, entry))
        if is_blind(entry):
            own = f"{title}, own matte"
            found.append(InpainterChoice(f"{name}:{DIFFERENCE}", own, entry.system, entry, True))
    return tuple(found)


def choose(name: str, directory: Path | None = None) -> InpainterChoice:
    """Return the inpainter of that name; its file is not touched yet.

    Parameters
    ----------
    directory : where the manifest lies; the shipped engines by default

    Raises
    ------
    UserError
        if there is none of that name, or what stands behind the colon is not for it
    """
    entries = load_manifest(directory)
    known = {choice.name: choice for choice in choices(entries)}
    if name in known:
        return known[name]
    network, listed = network_of(name), _listed(known)
    if network in entries and network not in known:
        raise UserError(f"the {network} network is no inpainter: choose {listed}")
    if name == f"{network}:{DIFFERENCE}" and network in known:
        raise UserError(
            f"the inpainter {network!r} is told where the mask is and cannot say so by its "
            f"difference: choose {listed}"
        )
    near = difflib.get_close_matches(name, known, 1)
    meant = f" (did you mean {near[0]!r}?)" if near else ""
    raise UserError(f"there is no inpainter {name!r}{meant}: choose {listed}")


def _listed(known: Mapping[str, InpainterChoice]) -> str:
    names = list(known)
    return " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:]))) or "another manifest"


def title_of(name: str, directory: Path | None = None) -> str:
    """Return an inpainter's title; its name where the manifest has none of that name."""
    found = (choice.title for choice in choices(load_manifest(directory)) if choice.name == name)
    return next(found, name)
