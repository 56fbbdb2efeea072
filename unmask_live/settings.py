"""What can be changed while a live run is going."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from unmask_live.quality import INPAINTER


@dataclass(frozen=True)
class Settings:
    """The settings of a live run.

    Attributes
    ----------
    unmask : False shows the source as it is
    smoothing : 0..1, how much is averaged over time
    quality : "best" stays at the first level, "fast" at the last, "auto" goes by what fits
    badge_outputs : "AI-reconstructed" on what goes to the virtual camera and into recordings
    badge_view : the same on what the window shows
    mirror : left and right swapped, before anything else is done
    inpainter : what fills, by its name as `unmask_live.inpainters` has it; until another one is
        open, the one before goes on
    """

    unmask: bool = True
    smoothing: float = 0.5
    quality: Literal["auto", "best", "fast"] = "auto"
    badge_outputs: bool = True
    badge_view: bool = False
    mirror: bool = False
    inpainter: str = INPAINTER

    def __post_init__(self) -> None:
        if not 0 <= self.smoothing <= 1:
            raise ValueError(f"smoothing: got {self.smoothing}, wanted 0..1")
        if self.quality not in ("auto", "best", "fast"):
            raise ValueError(f"quality: got {self.quality!r}, wanted auto, best or fast")
