"""Take face masks off live video. What appears in their place is invented, not recovered."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from unmask_live.errors import UserError

if TYPE_CHECKING:
    from unmask_live.types import Detection, Face, Frame, Unmasked
    from unmask_live.unmasker import Unmasker

__all__ = ["Detection", "Face", "Frame", "Unmasked", "Unmasker", "UserError"]
__version__ = "0.1.0"

_HOMES = {
    **dict.fromkeys(("Detection", "Face", "Frame", "Unmasked"), "unmask_live.types"),
    "Unmasker": "unmask_live.unmasker",
}


def __getattr__(name: str) -> Any:
    """Import on first use: `unmask-live doctor` must start where numpy or OpenCV does not."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
