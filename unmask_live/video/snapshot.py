"""Stills taken from the live picture."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from unmask_live.types import Image


def save_snapshot(
    image: Image, folder: Path, *, invented: bool, now: datetime | None = None
) -> Path:
    """Write ``unmask-YYYY-MM-DD-HHMMSS.png`` into a folder, whole, and return its path.

    A name that is taken gets -2, -3, ...: nothing is replaced.

    Parameters
    ----------
    image : H×W×3 uint8 RGB
    folder : made if it is not there
    invented : whether the picture may show invented faces; the file's comment says so then
    now : local time for the name

    Raises
    ------
    UserError
        if the folder cannot be made or the file cannot be written
    """
    raise NotImplementedError
