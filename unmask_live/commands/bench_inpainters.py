"""Every inpainter of the manifest in the chain, on one face in 720p."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from unmask_live import Unmasker
from unmask_live.commands.bench_chain import PICTURES
from unmask_live.commands.measure import Figures, frames_a_second, time_frames
from unmask_live.inpainters import choices
from unmask_live.runtime import load_manifest
from unmask_live.types import Image


def bench_inpainters(
    pictures: Sequence[Image],
    seconds: float,
    frames: int | None,
    *,
    make: Callable[..., Unmasker] = Unmasker,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Figures]:
    """Time the chain with each inpainter that can be chosen, one after the other.

    Parameters
    ----------
    pictures : 720p frames with one face; 30 of them are used
    seconds, frames, tell : as for `bench_chain`
    make : opens the chain, given ``inpainter``, ``overlapped`` or not

    Returns
    -------
    A row each as `time_frames` makes it, with ``inpainter``, ``title``, ``runs_on`` and
    ``fps_side_by_side``
    """
    pictures = list(pictures[:PICTURES])
    rows = []
    for choice in choices(load_manifest()):
        tell(f"720p, 1 face: {choice.title}")
        with make(inpainter=choice.name) as alone:
            row = time_frames(alone, pictures, 1, seconds, frames)
            row["runs_on"] = alone.backends[choice.name]
        with make(inpainter=choice.name, overlapped=True) as halves:
            row["fps_side_by_side"] = frames_a_second(halves, pictures, seconds, frames)
        rows.append({"inpainter": choice.name, "title": choice.title, **row})
    return rows
