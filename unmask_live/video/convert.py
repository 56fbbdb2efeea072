"""One video in, one out: source, pipeline and sink put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from unmask_live.pipeline import run_file
from unmask_live.types import Image
from unmask_live.video.clip import Clip, ClipFrame
from unmask_live.video.formats import container_format
from unmask_live.video.names import target_for
from unmask_live.video.sink import VideoSink
from unmask_live.video.source import VideoSource
from unmask_live.video.whole import check_target, whole_file

Process = Callable[..., Image]
"""Frame in, upright picture out, of the clip's height and a whole multiple of its width. Where
there is a ``see``, what that made of the frame is the second argument."""


@dataclass(frozen=True)
class Report:
    """What `convert_video` did: frames written, and a line for each thing that was not kept."""

    target: Path
    frames: int
    notes: tuple[str, ...]


def convert_video(
    source: Path,
    target: Path,
    process: Process,
    *,
    see: Callable[[ClipFrame], object] | None = None,
    columns: int = 1,
    quality: int = 18,
    invented: bool = True,
    force: bool = False,
    salvage: bool = False,
    begin: Callable[[Clip], None] | None = None,
    after: Callable[[ClipFrame], None] | None = None,
) -> Report:
    """Read ``source``, send each frame through ``process``, write ``target`` when all is whole.

    ``process``, ``begin`` (once, before the first frame) and ``after`` (after each) run in the
    caller's thread.

    Parameters
    ----------
    see : works on the frames ahead of ``process``, in a thread of its own
    columns : how many pictures wide the result of ``process`` is
    quality : x264's constant rate factor
    invented : whether ``process`` may show invented faces; the file's comment says so then
    salvage : write what can be read of a file that is cut short

    Raises
    ------
    UserError
        for whatever the user can put right: input, output, disk; no file is left behind then
    """
    target_for(source, target)
    container_format(target)
    check_target(target, force=force)
    frames = 0

    def ahead(item: ClipFrame | av.Packet[Any]) -> tuple[Any, ...] | av.Packet[Any]:
        if not isinstance(item, ClipFrame):
            return item
        return (item,) if see is None else (item, see(item))

    def work(item: tuple[Any, ...] | av.Packet[Any]) -> tuple[ClipFrame, Image] | av.Packet[Any]:
        nonlocal frames
        if not isinstance(item, tuple):
            return item
        image = process(*item)
        frames += 1
        if after is not None:
            after(item[0])
        return item[0], image

    with VideoSource(source, salvage=salvage) as reader, whole_file(target, force=force) as part:
        if begin is not None:
            begin(reader.clip)
        with VideoSink(
            part, reader, columns=columns, quality=quality, invented=invented, name=target
        ) as sink:

            def write(item: tuple[ClipFrame, Image] | av.Packet[Any]) -> None:
                if isinstance(item, tuple):
                    frame, image = item
                    sink.write(image, frame.pts, frame.duration, source=frame)
                else:
                    sink.copy(item)

            run_file(reader, work, write, see=ahead)
        notes = sink.notes
        if reader.damaged:
            notes.append(f"{reader.damaged} damaged packets were left out")
    return Report(target, frames, tuple(notes))
