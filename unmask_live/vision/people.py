"""The masks on all the faces of a frame: cut out one by one, looked at together, then judged."""

from __future__ import annotations

from collections.abc import Sequence

from unmask_live.types import Face, Image
from unmask_live.vision.blind import Difference
from unmask_live.vision.fill import Hole
from unmask_live.vision.person import Found, Look, Person, Told
from unmask_live.vision.segment import Segmenter
from unmask_live.vision.timed import timed
from unmask_live.vision.track import Track

Finds = Segmenter | Difference
"""What finds the masks: the segmenter, or by what it changes what fills."""


def see(
    frame: Image,
    people: Sequence[tuple[Person, Track]],
    seconds: float,
    finds: Finds,
    spent: dict[str, float],
    *,
    every: int = 1,
) -> tuple[tuple[Face, ...], tuple[Hole, ...]]:
    """Return the faces of a frame, and what is to be filled on them.

    A face is left out as long as it is not known where it is. The tracks learn what is masked.

    Parameters
    ----------
    frame : H×W×3 uint8 RGB
    seconds : the frame's time
    spent : milliseconds by stage, added to
    every : a mask that is shown off is looked for again at every n-th frame; in between its last
        hole moves along
    """
    if not people:
        return (), ()
    with timed(spent, "align"):
        cuts = [person.cut(frame, track, seconds, every) for person, track in people]
    told: list[Told] = [cut for cut in cuts if isinstance(cut, Told)]
    looks = [cut for cut in cuts if isinstance(cut, Look)]
    if looks:
        found = iter(_find(looks, finds, spent))
        shape = frame.shape[:2]
        with timed(spent, "segment"):
            told = [
                cut.person.judge(cut, next(found), shape, seconds) if isinstance(cut, Look) else cut
                for cut in cuts
                if cut is not None
            ]
    return tuple(each.face for each in told), tuple(hole for each in told for hole in each.holes)


def _find(looks: Sequence[Look], finds: Finds, spent: dict[str, float]) -> list[Found]:
    crops = [look.crop for look in looks]
    if isinstance(finds, Segmenter):
        with timed(spent, "segment"):
            return [Found(matte) for matte in finds.many(crops)]
    # The hole of this look is not known yet: that of the last one hides what is no skin.
    lights = [look.person.balance(look.crop, look.person.hidden, look.step) for look in looks]
    with timed(spent, "inpaint"):
        bared = finds.many(crops, lights)
    return [
        Found(each.matte, each.filled, light) for each, light in zip(bared, lights, strict=True)
    ]
