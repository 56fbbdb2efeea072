"""What a path holds, and what the result is called."""

from __future__ import annotations

from pathlib import Path

from unmask_live.errors import UserError
from unmask_live.video import pictures
from unmask_live.video.formats import FORMATS

VIDEO_SUFFIXES = (*FORMATS, ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts", ".wmv", ".flv", ".3gp",
                  ".ogv", ".gif", ".vob")  # fmt: skip
"""What is taken from a folder; a file named on the command line is tried whatever its suffix."""


def is_picture(path: Path) -> bool:
    """Tell by the suffix whether a path is a still picture."""
    return path.suffix.lower() in pictures.SUFFIXES


def media_in(folder: Path) -> list[Path]:
    """Return the videos and pictures directly in a folder, by name.

    Raises
    ------
    UserError
        if there are none
    """
    wanted = (*pictures.SUFFIXES, *VIDEO_SUFFIXES)
    found = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in wanted and path.is_file() and not path.name.startswith(".")
    )
    if not found:
        raise UserError(f"{folder} holds no video or picture")
    return found


def result_name(source: Path) -> str:
    """Return ``<stem>-unmasked.<suffix>``; .mkv for containers we only read."""
    suffix = source.suffix
    if not is_picture(source) and suffix.lower() not in FORMATS:
        suffix = ".mkv"
    return f"{source.stem}-unmasked{suffix}"


def name_in_folder(source: Path) -> str:
    """Return the name in a folder of results: the same, ``.mkv`` added for what we only read."""
    writable = is_picture(source) or source.suffix.lower() in FORMATS
    return source.name if writable else f"{source.name}.mkv"


def target_for(source: Path, out: Path | None) -> Path:
    """Return where the result of one file goes: ``out``, inside it if a folder, or beside it.

    Raises
    ------
    UserError
        if that is ``source`` itself, or a picture is to become a video or the reverse
    """
    if out is None:
        target = source.with_name(result_name(source))
    elif out.is_dir():
        target = out / result_name(source)
    else:
        target = out
    if target.exists() and source.exists() and target.samefile(source):
        raise UserError(f"{target} is the file to read: give the result another name")
    if is_picture(source) != is_picture(target):
        kinds = ("picture", "video") if is_picture(source) else ("video", "picture")
        raise UserError(f"{source} is a {kinds[0]}, {target} would be a {kinds[1]}")
    return target


def folder_for(source: Path, out: Path | None) -> Path:
    """Return the folder for a folder's results: ``out``, or ``<name>-unmasked`` beside it.

    Raises
    ------
    UserError
        if that is ``source`` itself, or a file
    """
    target = (
        out if out is not None else source.resolve().with_name(f"{source.resolve().name}-unmasked")
    )
    if target.exists() and not target.is_dir():
        raise UserError(f"{source} is a folder, so {target} must be one: it is a file")
    if target.exists() and target.samefile(source):
        raise UserError(f"{target} is the folder to read: give the results another one")
    return target
