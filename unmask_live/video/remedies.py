"""What to do on each system so that there is a virtual camera."""

from __future__ import annotations

import sys
from pathlib import Path

from unmask_live.video import loopback

INSTALL = "pip install 'unmask-live[virtual-camera]'"
_REMEDIES = {
    "win32": "install OBS (https://obsproject.com) and press `Start Virtual Camera` in it once, or "
    "run Install.bat of Unity Capture (https://github.com/schellingb/UnityCapture)",
    "darwin": "install OBS 30 or later (https://obsproject.com), press `Start Virtual Camera` in "
    "it once and allow its extension in System Settings",
}
"""For each system, as in `sys.platform`; Linux is asked what it lacks."""


def remedy_here(root: Path = loopback.ROOT, system: str | None = None) -> str:
    """Return what to do on this system so that a virtual camera can be opened."""
    return _REMEDIES.get(system or sys.platform) or loopback.remedy(root)
