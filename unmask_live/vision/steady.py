"""Matte and fill kept from shimmering while a face is still, without ghosts when it moves."""

from __future__ import annotations

import cv2
import numpy as np

from unmask_live.types import Floats, Image

_KEPT = 1.4
"""Share of the old fill that is kept while nothing moves, for each unit of strength."""
_LEAST = 0.05
"""Share of the new fill that is taken at any strength."""
_MOTION = 9.0
"""Mean difference of the visible crop, levels, at which the new fill is taken whole."""
_SMALL = 64


class Steady:
    """Recursive average in the aligned crop of one track.

    Parameters
    ----------
    strength : 0..1, how much is averaged over time; may be set between frames
    """

    def __init__(self, strength: float = 0.5) -> None:
        self.strength = strength
        self._seen: Floats | None = None
        self._matte: Floats | None = None
        self._filled: Floats | None = None
        self.share = 1.0

    def matte(self, matte: Floats, crop: Image) -> Floats:
        """Return the steadied matte and judge, from the crop, how much has moved."""
        small = cv2.resize(crop, (_SMALL, _SMALL), interpolation=cv2.INTER_AREA).astype(np.float32)
        if self._matte is None or self._seen is None:
            self.share = 1.0
            self._matte = matte
        else:
            moved = float(np.abs(small - self._seen)[: _SMALL // 2].mean())
            calm = float(np.clip(1 - _KEPT * self.strength, _LEAST, 1.0))
            self.share = float(np.clip(calm + (1 - calm) * moved / _MOTION, calm, 1.0))
            # A mask that appears is covered at once; where it leaves, the matte lags a little.
            eased = cv2.addWeighted(self._matte, 1 - self.share, matte, self.share, 0)
            self._matte = np.maximum(eased, np.minimum(matte, eased + np.float32(0.5)))
        self._seen = small
        return self._matte

    def forget_fill(self) -> None:
        """Start the fill anew: nothing was shown in this frame, and an old fill is no guide."""
        self._filled = None

    def filled(self, filled: Floats) -> Floats:
        """Return the steadied fill."""
        if self._filled is None or self.share >= 1.0:
            self._filled = filled
        else:
            self._filled = np.asarray(
                cv2.addWeighted(self._filled, 1 - self.share, filled, self.share, 0)
            )
        return self._filled
