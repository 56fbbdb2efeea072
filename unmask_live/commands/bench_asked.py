"""Which of the benchmark's options go together: one that would be ignored is refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from unmask_live.errors import UserError


def check_together(
    *,
    everything: bool,
    live: bool,
    soak: float | None,
    seconds: float | None,
    frames: int | None,
    faces: Sequence[int] | None,
    markdown: Path | None,
) -> None:
    """Raise UserError where an option is given that the measurement asked for does not heed.

    Parameters
    ----------
    everything : whether ``--all`` was given; the others are as `bench` takes them
    """
    if everything and (live or soak is not None):
        raise UserError("--all measures without the window: leave --live and --soak away")
    if live and soak is not None:
        raise UserError("--live and --soak are two measurements: leave one of them away")
    for name, given in (("--markdown", markdown is not None), ("--faces", bool(faces))):
        if given and not everything:
            raise UserError(f"{name} goes with --all: leave it away or add that")
    if live and frames is not None:
        raise UserError("--live measures for a time: give --seconds in place of --frames")
    for name, given in (("--frames", frames is not None), ("--seconds", seconds is not None)):
        if given and soak is not None:
            raise UserError(f"--soak runs for the minutes it is given: leave {name} away")
