"""OpenVINO's compiled networks in the user's cache, each with a checksum beside it.

OpenVINO itself notices a blob that is cut short, and computes nonsense with one that is damaged.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from unmask_live.runtime import cache
from unmask_live.runtime.manifest import EngineEntry


def folder_for(entry: EngineEntry, settings: Mapping[str, str]) -> Path | None:
    """Return the folder for one network compiled in one way; None where nothing can be kept.

    Only OpenVINO knows what its blobs are called: alone in a folder, no other has to be checked.
    """
    text = json.dumps(dict(settings), sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return cache.cache_dir(f"openvino/{entry.sha256[:16]}/{digest}")


def drop_damaged(folder: Path) -> bool:
    """Delete every blob that is not as it was sealed; return whether the rest may be used."""
    for blob in folder.glob("*.blob"):
        try:
            if _is_whole(blob):
                continue
            _seal_of(blob).unlink(missing_ok=True)
            blob.unlink(missing_ok=True)
        except OSError:  # it can neither be trusted nor be replaced
            return False
    return True


def _is_whole(blob: Path) -> bool:
    try:
        return _seal_of(blob).read_text(encoding="ascii") == _sum(blob)
    except (OSError, ValueError):  # without a seal nobody knows
        return False


def seal(folder: Path) -> None:
    """Note the checksum of every blob that has none yet; a full disk only costs the keeping."""
    for blob in folder.glob("*.blob"):
        try:
            if not _seal_of(blob).is_file():
                cache.write_whole(_seal_of(blob), _sum(blob).encode())
        except OSError:
            continue


def _seal_of(blob: Path) -> Path:
    return blob.with_suffix(".sha256")


def _sum(blob: Path) -> str:
    return hashlib.sha256(blob.read_bytes()).hexdigest()
