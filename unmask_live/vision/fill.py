"""The second half of a frame's work: holes filled, steadied and laid back into the frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from unmask_live.types import Floats, Image
from unmask_live.vision import align, blend
from unmask_live.vision.grain import add as add_grain
from unmask_live.vision.inpaint import Inpainter, hole_of
from unmask_live.vision.sharpen import sharpen
from unmask_live.vision.steady import Change, Steady
from unmask_live.vision.timed import timed

_EVEN = np.ones(3, np.float32)


@dataclass(frozen=True)
class Hole:
    """What is to be filled on one face in one frame.

    Attributes
    ----------
    crop : (256, 256, 3) uint8 RGB
    hole : (256, 256) float32, 0 or 1
    alpha : (256, 256) float32 in 0..1, opacity of the fill, soft border included; zeros: none
    transform : (2, 3) float32 similarity, frame pixels to crop pixels
    opacity : 0..1 beside ``alpha``; 0 is no fill at all
    steady : the face's averages over time
    change : what has changed since the frame before
    grain : levels RMS of fine texture to add
    sharpening : how much contours are to be raised, see `unmask_live.vision.sharpen`
    balance : (3,) float32, what brings the crop into ordinary light; see `Inpainter`
    filled : (256, 256, 3) float32 RGB in 0..255 where the fill is there already, since it showed
        where the mask is
    held : whether no mask was looked for: the last fill moves along
    cut_off : whether the frame's edge takes something off the hole
    """

    crop: Image
    hole: Floats
    alpha: Floats
    transform: Floats
    opacity: float
    steady: Steady
    change: Change
    grain: float
    sharpening: float
    balance: Floats
    filled: Floats | None = None
    held: bool = False
    cut_off: bool = False


def hole_for(
    shape: tuple[int, int],
    crop: Image,
    matte: Floats,
    transform: Floats,
    opacity: float,
    steady: Steady,
    grain: Callable[[Floats], float],
    sharpening: Callable[[Floats], float],
    balance: Callable[[Floats], Floats],
    filled: Floats | None = None,
) -> Hole:
    """Return what is to be filled where a mask was seen.

    Parameters
    ----------
    shape : height and width of the frame, pixels
    matte : (256, 256) float32 in 0..1, as ``steady`` has just given it
    grain, sharpening, balance : tell from the hole how much fine texture is to be added, how much
        contours are to be raised, and what the light is
    filled : as in `Hole`
    """
    if opacity > 0 and bool((matte > 0.5).any()):
        whole = hole_of(matte)
        hole = whole * align.inside(shape, transform)
        return Hole(
            crop,
            hole,
            blend.feather(hole),
            transform,
            opacity,
            steady,
            steady.change,
            grain(hole),
            sharpening(hole),
            balance(hole),
            filled,
            cut_off=bool((whole > hole).any()),
        )
    nothing = np.zeros_like(matte)
    return Hole(crop, nothing, nothing, transform, 0.0, steady, steady.change, 0.0, 0.0, _EVEN)


def fill(out: Image, holes: Sequence[Hole], inpaint: Inpainter, spent: dict[str, float]) -> None:
    """Fill the faces of a frame in ``out``, which is written to: all at once, then each in turn.

    Parameters
    ----------
    spent : milliseconds by stage, added to
    """
    for hole in holes:
        if hole.opacity <= 0:
            hole.steady.forget_fill()  # an old fill is no guide when a mask comes back
    shown = [hole for hole in holes if hole.opacity > 0]
    due = [hole for hole in shown if not (hole.held and hole.steady.shows)]
    new = iter(_fills(due, inpaint, spent))
    for hole in shown:
        with timed(spent, "blend"):
            filled = hole.steady.relit(hole.change) if hole.held else None
            if filled is None:
                matched = blend.match_rim(next(new), hole.crop, hole.hole)
                filled = hole.steady.filled(matched, hole.hole, hole.change)
            filled = sharpen(filled, hole.crop, hole.hole, hole.sharpening)
            filled = add_grain(filled, hole.grain)
            blend.blend(out, filled, hole.alpha, hole.transform, opacity=hole.opacity)


def _fills(holes: Sequence[Hole], inpaint: Inpainter, spent: dict[str, float]) -> list[Floats]:
    """Return the fill of each hole: inpainted together, where it is not there already."""
    due = [hole for hole in holes if hole.filled is None]
    made: list[Floats] = []
    if due:
        with timed(spent, "inpaint"):
            crops, wanted = [hole.crop for hole in due], [hole.hole for hole in due]
            made = inpaint.many(crops, wanted, [hole.balance for hole in due])
    new = iter(made)
    return [next(new) if hole.filled is None else hole.filled for hole in holes]
