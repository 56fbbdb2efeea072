"""The masks on all the faces of a frame: cut out one by one, looked at together, then judged."""

from __future__ import annotations

from collections.abc import Sequence

from unmask_live.types import Face, Image
from unmask_live.vision.blind import Difference
from unmask_live.vision.fill import Hole
from unmask_live.vision.person import Found, Look, Person
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
) -> tuple[tuple[Face, ...], tuple[Hole, ...]]:
    """Return the faces of a frame, and what is to be filled on those a mask was looked for on.

    A face is left out as long as it is not known where it is. The tracks learn what is masked.

    Parameters
    ----------
    frame : H×W×3 uint8 RGB
    seconds : the frame's time
    spent : milliseconds by stage, added to
    """
    if not people:
        return (), ()
    with timed(spent, "align"):
        cuts = [person.cut(frame, track, seconds) for person, track in people]
    looks = [cut for cut in cuts if isinstance(cut, Look)]
    if not looks:
        return tuple(cut for cut in cuts if isinstance(cut, Face)), ()
    found = iter(_find(looks, finds, spent))
    faces: list[Face] = []
    holes: list[Hole] = []
    with timed(spent, "segment"):
        for cut in cuts:
            if isinstance(cut, Face):
                faces.append(cut)
            elif cut is not None:
                face, hole = cut.person.judge(cut, next(found), frame.shape[:2], seconds)
                faces.append(face)
                holes.append(hole)
    return tuple(faces), tuple(holes)


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
