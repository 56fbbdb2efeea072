"""Stills taken from the live picture."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from pathlib import Path

from unmask_live.errors import UserError
from unmask_live.types import Image
from unmask_live.video.pictures import Picture, write_picture
from unmask_live.video.whole import check_target, write_error


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
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {folder}: {error.strerror}") from error
    stem = f"unmask-{now or datetime.now():%Y-%m-%d-%H%M%S}"
    for number in count(1):
        path = folder / (f"{stem}.png" if number == 1 else f"{stem}-{number}.png")
        try:
            if path.exists():
                continue
        except OSError as error:
            raise write_error(path, error) from error
        check_target(path, force=False)
        try:
            write_picture(path, Picture(image), invented=invented)
        except UserError:
            if path.exists():  # taken while ours was written
                continue
            raise
        return path
    raise AssertionError("the numbers have run out")
