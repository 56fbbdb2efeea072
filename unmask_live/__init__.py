"""Take face masks off live video. What appears in their place is invented, not recovered."""

from __future__ import annotations

from unmask_live.errors import UserError
from unmask_live.types import Detection, Face, Frame, Unmasked
from unmask_live.unmasker import Unmasker

__all__ = ["Detection", "Face", "Frame", "Unmasked", "Unmasker", "UserError"]
__version__ = "0.1.0"
