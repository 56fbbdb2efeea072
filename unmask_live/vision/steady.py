"""Matte and fill kept from shimmering while a face is still, without ghosts when it moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from unmask_live.types import Floats, Image

LONGEST_SECONDS = 1.0
"""Time constant at full strength; it falls with the square of the strength."""
_MOTION = 2.5
"""Difference of what is seen, levels, at which old pictures fade twice as fast."""
LEAST_STEP = 1 / 240
"""Seconds that count as gone by between frames of one time, so that no picture stays for ever."""
_OTHER = 24.0
"""Difference under the matte, levels, that no mask makes by moving a little or by its folds."""
_STIRRED = 0.1
"""Share of the matte that may differ so much."""
_SMALL = 32
_BLOCK = 2
"""Pixels of the small picture to one of the map of motion, each way."""
_NEAR = 3.0
"""How far motion reaches into the hole, where none can be seen: sigma, blocks."""
_GAIN = 2.0
"""Largest change of light from one frame to the next that an old fill is relit by."""


@dataclass(frozen=True)
class Change:
    """What has changed on a face since the frame before, as its visible part tells.

    Attributes
    ----------
    gain : (3,) float32, by what factors it is lit otherwise
    share : (256, 256) float32 in 0..1, how much of the new to take; (1, 1) ones: all of it
    """

    gain: Floats
    share: Floats


class Steady:
    """Recursive average in the aligned crop of one track, by the clock rather than by frames.

    Light is followed at once: the old fill is relit as the visible face is. Where the picture
    still differs, something moves, and there the old fades the faster the more it does.

    One thread may call `matte` for the next frame while another calls `filled` for this one.

    Attributes
    ----------
    strength : 0 (off) to 1; it may be set between frames
    change : what `matte` has told of its last frame
    """

    def __init__(self, strength: float = 0.5) -> None:
        self.strength = strength
        self._seen: Floats | None = None
        self._matte: Floats | None = None
        self._filled: Floats | None = None
        self._hole: Floats | None = None
        self.change = _ALL_NEW

    def matte(self, matte: Floats, crop: Image, step: float) -> Floats:
        """Return the steadied matte, and judge from the crop what has moved and how light changed.

        Parameters
        ----------
        matte : (256, 256) float32 in 0..1
        crop : (256, 256, 3) uint8 RGB
        step : seconds since the frame before
        """
        small = _shrunk(crop).astype(np.float32)
        before, self._seen = self._seen, small
        tau = LONGEST_SECONDS * min(max(self.strength, 0.0), 1.0) ** 2
        if before is None or self._matte is None or tau <= 0:
            self.change = _ALL_NEW
            self._matte = matte
            return matte
        visible = _visible(self._matte, matte)
        gain = _gain(before, small, visible)
        motion = _motion(before * gain, small, visible)
        rate = 1 + (motion / np.float32(_MOTION)) ** 2
        gone = min(max(step, LEAST_STEP) / tau, 99.0)
        blocks = np.asarray(1 - np.exp(-np.float32(gone) * rate), np.float32)
        share = np.asarray(cv2.resize(blocks, matte.shape[::-1]), np.float32)
        self.change = Change(gain, share)
        # A mask that appears is covered at once; where it leaves, the matte lags a little.
        eased = np.asarray(cv2.blendLinear(self._matte, matte, 1 - share, share), np.float32)
        self._matte = np.maximum(eased, np.minimum(matte, eased + np.float32(0.5)))
        return self._matte

    def light(self, crop: Image) -> Change | None:
        """Return how a crop that no mask is looked for in is lit beside that of the last `matte`.

        None where what lies under that matte is not what it was: the mask has been taken off, or a
        hand is before it. Nothing is learnt from the crop.

        Parameters
        ----------
        crop : (256, 256, 3) uint8 RGB
        """
        if self._seen is None or self._matte is None:
            return None
        small = _shrunk(crop).astype(np.float32)
        gain = _gain(self._seen, small, _visible(self._matte, self._matte))
        every = slice(self._matte.shape[0] // _SMALL // 2, None, self._matte.shape[0] // _SMALL)
        hidden = self._matte[every, every] > 0.5
        apart = np.abs(self._seen[hidden] * gain - small[hidden]).mean(1)
        if (apart > _OTHER).mean() > _STIRRED:
            return None
        return Change(gain, _ALL_NEW.share)

    def forget_fill(self) -> None:
        """Start the fill anew: nothing was shown in this frame, and an old fill is no guide."""
        self._filled = self._hole = None

    def filled(self, filled: Floats, hole: Floats, change: Change) -> Floats:
        """Return the steadied fill.

        Parameters
        ----------
        filled : (256, 256, 3) float32 RGB in 0..255, matched at the rim, of which the hole alone
            means anything; written to, kept and returned
        hole : (256, 256) float32, 0 or 1
        change : what `matte` told of the same frame
        """
        before, self._hole = self._hole, hole
        old, self._filled = self._filled, filled
        rows = np.flatnonzero(hole.any(1))
        if old is None or before is None or not len(rows) or change.share.shape != hole.shape:
            return filled
        band = slice(int(rows[0]), int(rows[-1]) + 1)
        kept = before[band] * (1 - change.share[band])  # nothing old where there was no hole
        relit = cv2.transform(old[band], np.diag(change.gain))
        filled[band] = cv2.blendLinear(relit, filled[band], kept, 1 - kept)
        return filled

    @property
    def shows(self) -> bool:
        """Whether there is a last fill: `relit` has something to give."""
        return self._filled is not None

    def relit(self, change: Change) -> Floats | None:
        """Return the last fill in the light of now, None where nothing was shown; not kept.

        Parameters
        ----------
        change : what `light` has told
        """
        if self._filled is None:
            return None
        return np.asarray(cv2.transform(self._filled, np.diag(change.gain)), np.float32)


_ALL_NEW = Change(np.ones(3, np.float32), np.ones((1, 1), np.float32))


def _shrunk(picture: NDArray[Any]) -> NDArray[Any]:
    """Average down to `_SMALL`; by two again and again, at which OpenCV is many times faster."""
    while picture.shape[0] > _SMALL:
        half = (picture.shape[1] // 2, picture.shape[0] // 2)
        picture = np.asarray(cv2.resize(picture, half, interpolation=cv2.INTER_AREA))
    return picture


def _visible(before: Floats, now: Floats) -> Floats:
    """Return which pixels of the small picture show no mask and no border of one, 0 or 1."""
    every = slice(now.shape[0] // _SMALL // 2, None, now.shape[0] // _SMALL)
    hidden = np.maximum(before[every, every], now[every, every])
    near = cv2.dilate(hidden, np.ones((3, 3), np.uint8))
    return (near < 0.05).astype(np.float32)


def _gain(before: Floats, now: Floats, visible: Floats) -> Floats:
    """Return by what factors the visible face was lit otherwise, (3,) float32."""
    face = slice(0, 3 * _SMALL // 4), slice(_SMALL // 5, -(_SMALL // 5))
    weight = visible[face]
    sums = [np.tensordot(weight, picture[face], 2) for picture in (now, before)]
    # A level or so for each pixel keeps the ratio calm in the dark, and 1 where nothing is seen.
    calm = np.float32(weight.sum() + 1)
    gain = np.clip((sums[0] + calm) / (sums[1] + calm), 1 / _GAIN, _GAIN)
    return np.asarray(gain, np.float32)


def _motion(before: Floats, now: Floats, visible: Floats) -> Floats:
    """Return how much what is seen near each block has changed, (16, 16) float32, levels."""
    side = (_SMALL // _BLOCK, _SMALL // _BLOCK)
    gap = cv2.transform(cv2.absdiff(now, before), np.full((1, 3), 1 / 3, np.float32))
    maps = cv2.merge([np.asarray(gap, np.float32) * visible, visible])
    blocks = cv2.resize(maps, side, interpolation=cv2.INTER_AREA)
    near = cv2.GaussianBlur(blocks, (0, 0), _NEAR, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(near[..., 0] / (near[..., 1] + np.float32(1e-3)), np.float32)
