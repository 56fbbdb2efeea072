"""What is worth keeping between runs: compiled networks, measured choices; one folder a user."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

VARIABLE = "UNMASK_LIVE_CACHE"
"""Names another folder; empty turns the cache off."""


def cache_dir(part: str = "") -> Path | None:
    """Return the folder for compiled engines (or a part of it), made if need be.

    ``~/.cache/unmask_live/engines`` on Linux, ``~/Library/Caches`` on macOS, ``%LOCALAPPDATA%`` on
    Windows; None where it cannot be written or is turned off: then nothing is kept.
    """
    folder = _root()
    if folder is None:
        return None
    folder /= part
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it appears whole or not at all, whoever else writes it too."""
    handle, name = tempfile.mkstemp(prefix=".part-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_json(path: Path) -> dict[str, Any]:
    """Return what `write_json` wrote; empty if there is nothing or it is damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Keep a small record; a full disk only costs the record."""
    try:
        write_whole(path, json.dumps(content, indent=1).encode())
    except OSError:
        return


def clear() -> int:
    """Delete all that is kept; return how many bytes that were."""
    folder = _root()
    if folder is None or not folder.is_dir():
        return 0
    freed = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    shutil.rmtree(folder)
    return freed


def _root() -> Path | None:
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named) / "engines" if named else None
    try:
        home = Path.home()
    except RuntimeError:  # a service without a home
        return None
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "unmask_live" / "engines"
