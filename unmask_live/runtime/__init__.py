"""How the networks run: one file a backend, and the one that chooses."""

from unmask_live.runtime.choose import backend_names, open_engine
from unmask_live.runtime.engine import BackendUnavailable, Engine, Options
from unmask_live.runtime.manifest import EngineEntry, TensorSpec, engines_dir, load_manifest
from unmask_live.runtime.owned import OwnedEngine

__all__ = [
    "BackendUnavailable",
    "Engine",
    "EngineEntry",
    "Options",
    "OwnedEngine",
    "TensorSpec",
    "backend_names",
    "engines_dir",
    "load_manifest",
    "open_engine",
]
