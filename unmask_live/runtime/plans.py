"""Compiled TensorRT plans in the user's cache, each good for exactly what it was built for."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from unmask_live.runtime import cache
from unmask_live.runtime.engine import MOST, Shape


@dataclass(frozen=True)
class PlanKey:
    """What a plan depends on: where any of it differs, another plan is needed.

    Attributes
    ----------
    network, sha256 : the engine's name, and the checksum of its ONNX file
    gpu, capability : "NVIDIA L4", "8.9"
    tensorrt : its version
    precision : of `graph.PRECISIONS`
    inputs : name and shape of each input for one item, leading 1 included
    rules : of `graph.rules`: how the graph is rewritten
    most : items at once; the plan takes 1 to this many
    """

    network: str
    sha256: str
    gpu: str
    capability: str
    tensorrt: str
    precision: str
    inputs: tuple[tuple[str, Shape], ...]
    rules: str = ""
    most: int = MOST

    @property
    def digest(self) -> str:
        """A short name for all of it."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    @property
    def device_digest(self) -> str:
        """A short name for what measured kernel timings hold for: the GPU and TensorRT."""
        text = json.dumps([self.gpu, self.capability, self.tensorrt])
        return hashlib.sha256(text.encode()).hexdigest()[:20]


class Plans:
    """The plans kept in a folder; by default the user's cache.

    A plan lies there as NAME-PRECISION-DIGEST.plan with a .json beside it that holds the key and
    the plan's checksum. One without the other, or that does not fit it, counts as none.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = cache.cache_dir("tensorrt") if folder is None else folder

    def load(self, key: PlanKey) -> bytes | None:
        """Return the plan for a key, None if there is none or it is damaged."""
        path = self._path(key)
        if path is None:
            return None
        try:
            data = path.read_bytes()
        except OSError:
            return None
        wanted = cache.read_json(path.with_suffix(".json")).get("sha256")
        return data if hashlib.sha256(data).hexdigest() == wanted else None

    def store(self, key: PlanKey, data: bytes, *, via: str = "onnx") -> None:
        """Keep a plan and drop those that it replaces; a full disk only costs the keeping."""
        path = self._path(key)
        if path is None:
            return
        record = {
            "key": asdict(key),
            "sha256": hashlib.sha256(data).hexdigest(),
            "via": via,
        }
        try:
            cache.write_whole(path, data)
        except OSError:
            return
        cache.write_json(path.with_suffix(".json"), record)
        self._drop_stale(key)

    def checked(self, key: PlanKey) -> bool:
        """Tell whether this key's plan was found right for every number of items."""
        path = self._path(key)
        return path is not None and bool(cache.read_json(path.with_suffix(".json")).get("checked"))

    def check(self, key: PlanKey) -> None:
        """Note that it was."""
        path = self._path(key)
        record = {} if path is None else cache.read_json(path.with_suffix(".json"))
        if path is not None and record and not record.get("checked"):
            cache.write_json(path.with_suffix(".json"), {**record, "checked": True})

    def refused(self, key: PlanKey) -> str:
        """Return why this key's plan must not be used; empty if it may."""
        path = self._path(key)
        found = {} if path is None else cache.read_json(path.with_suffix(".json"))
        return str(found.get("refused", ""))

    def refuse(self, key: PlanKey, reason: str) -> None:
        """Note that this key's plan computes what it should not; the plan itself goes."""
        path = self._path(key)
        if path is not None:
            cache.write_json(path.with_suffix(".json"), {"key": asdict(key), "refused": reason})
            path.unlink(missing_ok=True)

    def timings(self, key: PlanKey) -> bytes:
        """Return what TensorRT measured on this GPU in earlier builds, empty if nothing."""
        path = self._timings(key)
        try:
            return b"" if path is None else path.read_bytes()
        except OSError:
            return b""

    def store_timings(self, key: PlanKey, data: bytes) -> None:
        """Keep TensorRT's measurements for the next build."""
        path = self._timings(key)
        if path is not None:
            try:
                cache.write_whole(path, data)
            except OSError:
                return

    def _path(self, key: PlanKey) -> Path | None:
        name = f"{key.network}-{key.precision}-{key.digest}.plan"
        return None if self.folder is None else self.folder / name

    def _timings(self, key: PlanKey) -> Path | None:
        name = f"timings-{key.device_digest}.cache"
        return None if self.folder is None else self.folder / name

    def _drop_stale(self, key: PlanKey) -> None:
        """Delete this GPU's other plans of the same network and precision."""
        path = self._path(key)
        if path is None or self.folder is None:
            return
        for record in self.folder.glob(f"{key.network}-{key.precision}-*.json"):
            other = cache.read_json(record).get("key", {})
            same_gpu = other.get("gpu") == key.gpu and other.get("capability") == key.capability
            if same_gpu and other.get("network") == key.network and record.stem != path.stem:
                record.with_suffix(".plan").unlink(missing_ok=True)
                record.unlink(missing_ok=True)
