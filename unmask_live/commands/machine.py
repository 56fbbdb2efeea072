"""What this machine is: the processor, what it can do, and which versions are installed."""

from __future__ import annotations

import io
import os
import platform
import re
from contextlib import redirect_stdout
from importlib import import_module, metadata
from pathlib import Path

PACKAGES = {
    "numpy": "numpy",
    "opencv-python-headless": "cv2",
    "openvino": "openvino",
    "av": "av",
    "typer": "typer",
    "rich": "rich.progress",
}
"""What the program runs on, and the module that shows whether it loads."""
FEATURES = {
    "AVX2": ("avx2",),
    "AVX-512": ("avx512f",),
    "VNNI": ("avx512_vnni", "avx_vnni"),
    "BF16": ("avx512_bf16",),
    "AMX": ("amx_tile",),
    "NEON": ("asimd", "neon"),
}
"""What speeds networks up, and the kernel's names for it; any one of them will do."""


def own_version() -> str:
    """Return this program's version."""
    from unmask_live import __version__

    return __version__


def package_versions() -> dict[str, str | None]:
    """Return the version of each package the program runs on, None where it is missing."""
    found: dict[str, str | None] = {}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = None
    return found


def import_failure(module: str) -> str | None:
    """Import a module; return why that fails, None if it does not."""
    try:
        with redirect_stdout(io.StringIO()):  # OpenCV prints there, amid what scripts read
            import_module(module)
    except Exception as error:  # a broken package fails in many ways
        return " ".join(str(error).split()) or type(error).__name__
    return None


def cpu_name() -> str:
    """Return the processor's name as far as the system tells."""
    for line in _cpuinfo().splitlines():
        if line.lower().startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def cpu_features() -> dict[str, bool] | None:
    """Return which of `FEATURES` the processor has; None where the system does not tell."""
    match = re.search(r"^(?:flags|Features)\s*:(.*)$", _cpuinfo(), re.MULTILINE)
    if match is None:
        return None
    flags = set(match.group(1).split())
    arm = platform.machine().lower() in ("aarch64", "arm64")
    return {
        name: bool(flags & set(any_of))
        for name, any_of in FEATURES.items()
        if (name == "NEON") == arm
    }


def cores() -> int:
    """Return how many cores this process may keep busy, as the networks count them."""
    try:
        from unmask_live.runtime.cores import cores as allowed  # late: its package needs numpy
    except Exception:  # a broken package, of which the doctor is about to tell
        return os.cpu_count() or 1
    return allowed()


def _cpuinfo() -> str:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:  # not Linux
        return ""
