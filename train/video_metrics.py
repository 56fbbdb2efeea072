"""How steady a video is: warping error, flicker, jitter, lag."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from unmask_live.types import Floats, Image
from unmask_live.vision import align

_FLOW = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
PROBES = np.array([[x, y] for x in (64, 128, 192) for y in (64, 128, 192)], np.float32)
"""Points of the aligned crop whose place in the frame tells of its jitter."""


class Flow(NamedTuple):
    """Where each pixel of a frame was in the frame before.

    Attributes
    ----------
    back : (H, W, 2) float32, offset in pixels to the place in the frame before
    seen : (H, W) bool, whether the pixel was visible there
    """

    back: Floats
    seen: NDArray[np.bool_]


def flow(before: Image, now: Image) -> Flow:
    """Measure dense optical flow and what it cannot tell: occlusions and borders of motion.

    Both tests as in Ruder et al. 2016 (eq. 5 and 6), which Lai et al. 2018 use too.

    Parameters
    ----------
    before, now : (H, W, 3) uint8 RGB
    """
    grey = [cv2.cvtColor(i, cv2.COLOR_RGB2GRAY) for i in (before, now)]
    back = np.asarray(_FLOW.calc(grey[1], grey[0], None), np.float32)
    forth = warp(np.asarray(_FLOW.calc(grey[0], grey[1], None), np.float32), back)
    gap = ((back + forth) ** 2).sum(2)
    length = (back**2).sum(2)
    consistent = gap <= 0.01 * (length + (forth**2).sum(2)) + 0.5
    bend = sum((np.gradient(back[..., c], axis=a) ** 2) for c in (0, 1) for a in (0, 1))
    smooth = bend <= 0.01 * length + 0.002
    y, x = np.mgrid[0 : back.shape[0], 0 : back.shape[1]]
    inside = (x + back[..., 0] >= 0) & (x + back[..., 0] <= back.shape[1] - 1)
    inside &= (y + back[..., 1] >= 0) & (y + back[..., 1] <= back.shape[0] - 1)
    return Flow(back, np.asarray(consistent & smooth & inside))


def warp(before: NDArray[np.generic], back: Floats) -> NDArray[np.generic]:
    """Bring what belongs to the frame before to this frame's pixels."""
    y, x = np.mgrid[0 : back.shape[0], 0 : back.shape[1]].astype(np.float32)
    return np.asarray(
        cv2.remap(
            before, x + back[..., 0], y + back[..., 1], cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE
        )
    )


def warp_error(
    before: Image, now: Image, back: Floats, inside: NDArray[np.bool_]
) -> tuple[float, int]:
    """Return E_warp of Lai et al. 2018 (eq. 11) and the pixels that it was taken over.

    The mean over those pixels and the colours of the squared difference between a frame and the
    warped one before, values in 0..1.
    """
    count = int(inside.sum())
    if not count:
        return 0.0, 0
    moved = warp(before.astype(np.float32), back)
    gap = (now[inside].astype(np.float32) - moved[inside]) / 255
    return float((gap**2).mean()), count


def flicker(greys: Floats, inside: NDArray[np.bool_]) -> float:
    """Return the spread over time of each pixel, RMS over the pixels; NaN if there are none.

    Parameters
    ----------
    greys : (T, H, W) float32, levels of 255
    inside : (H, W) bool
    """
    values = greys[:, inside]
    return float(np.sqrt(values.var(0).mean())) if values.size else float("nan")


def jitter(transforms: Floats) -> float:
    """Return how far the crop strays from its mean place, RMS over `PROBES`, frame pixels.

    Parameters
    ----------
    transforms : (T, 2, 3), frame pixels to crop pixels, of a face that does not move
    """
    if not len(transforms):
        return float("nan")
    places = np.stack([align.apply(align.invert(t), PROBES) for t in transforms])
    return float(np.sqrt(places.var(0).sum(-1).mean()))


def lag(found: Floats, truth: Floats, seconds: NDArray[np.floating]) -> float:
    """Return by how many seconds what was found follows the truth; NaN if nothing moves.

    Least squares of the error along the velocity, each without its mean: a finder that always
    points a little beside the eyes is no later for that.

    Parameters
    ----------
    found, truth : (T, 2) midpoints of the eyes, pixels
    seconds : (T,)
    """
    if len(seconds) < 3:
        return float("nan")
    speed = np.gradient(truth, seconds, axis=0)
    error = found - truth
    error, speed = error - error.mean(0), speed - speed.mean(0)
    power = float((speed**2).sum())
    return float(-(error * speed).sum() / power) if power > 0 else float("nan")
