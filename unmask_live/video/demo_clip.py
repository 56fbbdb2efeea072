"""Where the clip is that comes with the program."""

from __future__ import annotations

from pathlib import Path

from unmask_live.errors import UserError
from unmask_live.runtime.manifest import shipped_dir


def demo_clip() -> Path:
    """Return the shipped clip (UserError if the installation lacks it)."""
    path = shipped_dir("assets") / "demo.mp4"
    if not path.is_file():
        raise UserError(f"the demo clip is missing ({path}): reinstall unmask-live")
    return path
