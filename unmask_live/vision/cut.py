"""Whether the scene changed altogether from one frame to the next."""

from __future__ import annotations

import numpy as np

from unmask_live.types import Floats, Image

_CUT = 45.0
"""Mean difference of a small frame to the last, levels of 255, that counts as a cut."""


class Cuts:
    """Compares each frame to the one before: after a cut, new faces need no second look."""

    def __init__(self) -> None:
        self._last: Floats | None = None

    def forget(self) -> None:
        """Take the next frame for the first."""
        self._last = None

    def __call__(self, frame: Image) -> bool:
        """Tell whether a scene begins with this H×W×3 uint8 frame; the first of all does not."""
        height, width = frame.shape[:2]
        # Every so many pixels, unaveraged: a pass over the whole frame would cost a millisecond.
        small = frame[:: max(1, height // 18), :: max(1, width // 32)].astype(np.float32)
        last, self._last = self._last, small
        if last is None or last.shape != small.shape:
            return last is not None
        return float(np.abs(small - last).mean()) > _CUT
