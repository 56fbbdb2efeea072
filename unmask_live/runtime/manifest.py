"""The list of shipped networks: where they lie, what goes in and out, and proof they are whole.

``engines/manifest.json``::

    {"engines": {"segmenter": {
        "file": "segmenter.onnx", "sha256": "...", "version": "1",
        "inputs":  {"image": {"shape": [1, 3, 256, 256], "dtype": "float32",
                              "range": [0, 1], "meaning": "RGB, aligned crop"}},
        "outputs": {"matte": {...}},
        "card": "segmenter.md", "training_data": "...", "licence": "...", "quality": {...},
        "title": "", "system": "",
        "variants": {"int8": {"file": "segmenter-int8.onnx", "sha256": "...", "quality": {...}}}}}}
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from unmask_live.errors import UserError

MANIFEST = "manifest.json"
REPAIR = "reinstall unmask-live (or `git checkout engines` in a checkout)"


@dataclass(frozen=True)
class TensorSpec:
    """One named array that goes into or comes out of a network."""

    shape: tuple[int, ...]
    dtype: str = "float32"
    range: tuple[float, float] | None = None
    meaning: str = ""


@dataclass(frozen=True)
class EngineEntry:
    """One network of the manifest.

    Attributes
    ----------
    path : the ONNX file
    sha256 : of that file, hexadecimal
    title, system : for people who choose an inpainter: its name, and one line about the network
    card : the model card's file name, beside the network
    quality : measured figures, by name
    variants : the same network in other precisions, by "int8" and the like
    """

    name: str
    path: Path
    sha256: str
    version: str
    inputs: dict[str, TensorSpec]
    outputs: dict[str, TensorSpec]
    title: str = ""
    system: str = ""
    card: str = ""
    training_data: str = ""
    licence: str = ""
    quality: dict[str, Any] = field(default_factory=dict)
    variants: dict[str, EngineEntry] = field(default_factory=dict)

    def verify(self) -> None:
        """Raise UserError if the file is missing or not the one the manifest names."""
        if not self.path.is_file():
            raise UserError(f"the {self.name} network is missing ({self.path}): {REPAIR}")
        stat = self.path.stat()
        actual = _sha256(str(self.path), stat.st_size, stat.st_mtime_ns)
        if actual != self.sha256:
            raise UserError(
                f"the {self.name} network is damaged ({self.path}: sha256 {actual[:12]}…, "
                f"wanted {self.sha256[:12]}…): {REPAIR}"
            )


@lru_cache(maxsize=32)
def _sha256(path: str, size: int, mtime_ns: int) -> str:
    """Hash a file; size and time are part of the key so that a changed file is read again."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def shipped_dir(name: str) -> Path:
    """Return a folder the program ships: inside the package when installed, else the checkout's.

    Raises
    ------
    UserError
        if it is in neither place
    """
    package = Path(__file__).resolve().parents[1]
    for place in (package / name, package.parent / name):
        if place.is_dir():
            return place
    raise UserError(f"the folder {name!r} that unmask-live ships is missing: {REPAIR}")


def engines_dir() -> Path:
    """Return the folder of the shipped networks (UserError if there is none)."""
    return shipped_dir("engines")


def load_manifest(directory: Path | None = None) -> dict[str, EngineEntry]:
    """Read the manifest: engine name to entry. The files themselves are not touched yet.

    Raises
    ------
    UserError
        if the manifest is missing, is no JSON, or lacks something an entry needs
    """
    folder = engines_dir() if directory is None else directory
    path = folder / MANIFEST
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"the list of networks is missing ({path}): {REPAIR}") from None
    except (OSError, ValueError) as error:
        raise UserError(
            f"the list of networks cannot be read ({path}: {error}): {REPAIR}"
        ) from error
    try:
        return {name: _entry(name, value, folder) for name, value in raw["engines"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(
            f"the list of networks is damaged ({path}: {type(error).__name__} {error}): {REPAIR}"
        ) from error


def find_entry(name: str, directory: Path | None = None) -> EngineEntry:
    """Return one entry, its file verified.

    Raises
    ------
    UserError
        if there is no such engine, or its file is missing or damaged
    """
    entries = load_manifest(directory)
    if name not in entries:
        known = ", ".join(sorted(entries)) or "none"
        raise UserError(f"there is no network {name!r}; the manifest lists: {known}")
    entry = entries[name]
    entry.verify()
    return entry


def _entry(name: str, value: dict[str, Any], folder: Path) -> EngineEntry:
    entry = EngineEntry(
        name=name,
        path=folder / str(value["file"]),
        sha256=str(value["sha256"]).lower(),
        version=str(value.get("version", "")),
        inputs={key: _spec(spec) for key, spec in value["inputs"].items()},
        outputs={key: _spec(spec) for key, spec in value["outputs"].items()},
        title=str(value.get("title", "")),
        system=str(value.get("system", "")),
        card=str(value.get("card", "")),
        training_data=str(value.get("training_data", "")),
        licence=str(value.get("licence", "")),
        quality=dict(value.get("quality", {})),
    )
    variants = {
        precision: replace(
            entry,
            path=folder / str(other["file"]),
            sha256=str(other["sha256"]).lower(),
            quality=dict(other.get("quality", {})),
        )
        for precision, other in value.get("variants", {}).items()
    }
    return replace(entry, variants=variants)


def _spec(value: dict[str, Any]) -> TensorSpec:
    bounds = value.get("range")
    return TensorSpec(
        shape=tuple(int(side) for side in value["shape"]),
        dtype=str(value.get("dtype", "float32")),
        range=(float(bounds[0]), float(bounds[1])) if bounds else None,
        meaning=str(value.get("meaning", "")),
    )
