"""File mode beside the same clip read and written without it: what share of that speed is left."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import PictureType

from unmask_live import Unmasker
from unmask_live.commands.measure import Figures
from unmask_live.pipeline import run_file
from unmask_live.types import Image
from unmask_live.unmasker import Seen
from unmask_live.video.clip import ClipFrame
from unmask_live.video.convert import Process, convert_video
from unmask_live.video.formats import container_format, encoder
from unmask_live.video.source import open_container

QUALITY = 18
"""Constant rate factor of x264 for all ways, `unmask-live file`'s own."""
ROUNDS = 3


def bench_file(unmasker: Unmasker, clip: Path, *, rounds: int = ROUNDS) -> Figures:
    """Convert a clip in three ways, in turns, so that what else runs falls on all alike.

    ``unmasked``: as the file command does. ``as_is``: through the same reader and writer, with
    nothing done, so that no colour has to be converted back. ``codecs``: decoder to encoder, frames
    never touched. All with the same encoder and settings, and reading beside writing.

    Parameters
    ----------
    unmasker : opened for its halves to run side by side
    rounds : of each way; the median counts

    Returns
    -------
    ``frames``, ``rounds``, ``fps`` of each way, and ``share_of_as_is`` and ``share_of_codecs``:
    the unmasked way's speed over the other's, 0..1
    """
    ways: dict[str, Callable[[Path], int]] = {
        "unmasked": lambda target: _unmask(unmasker, clip, target),
        "as_is": lambda target: _convert(clip, target, lambda frame: frame.image),
        "codecs": lambda target: recode(clip, target),
    }
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    frames = 0
    for _ in range(rounds):
        for name, way in ways.items():
            with tempfile.TemporaryDirectory() as folder:
                start = time.perf_counter()
                frames = way(Path(folder) / f"{name}.mp4")
                speeds[name].append(frames / (time.perf_counter() - start))
    fps = {name: float(np.median(values)) for name, values in speeds.items()}
    return {
        "frames": frames,
        "rounds": rounds,
        "fps": fps,
        "share_of_as_is": fps["unmasked"] / fps["as_is"],
        "share_of_codecs": fps["unmasked"] / fps["codecs"],
    }


def recode(clip: Path, target: Path) -> int:
    """Decode and encode a clip's picture and nothing else; return how many frames.

    Raises
    ------
    UserError
        if the clip cannot be read
    """
    kind = container_format(target)
    codec, options = encoder(kind, QUALITY)
    done = 0
    with open_container(clip) as source, av.open(str(target), "w", format=kind) as out:
        video = source.streams.video[0]
        video.thread_type = "AUTO"
        stream: Any = out.add_stream(codec, rate=video.average_rate, options=options)
        stream.width, stream.height, stream.pix_fmt = video.width, video.height, "yuv420p"
        stream.codec_context.time_base = video.time_base

        def write(frame: av.VideoFrame) -> None:
            nonlocal done
            frame.pict_type = PictureType.NONE  # or the encoder would repeat the clip's own kinds
            out.mux(stream.encode(frame))
            done += 1

        run_file(source.decode(video), lambda frame: frame, write)
        out.mux(stream.encode(None))
    return done


def _convert(
    clip: Path, target: Path, process: Process, see: Callable[[ClipFrame], Seen] | None = None
) -> int:
    return convert_video(clip, target, process, see=see, quality=QUALITY).frames


def _unmask(unmasker: Unmasker, clip: Path, target: Path) -> int:
    unmasker.reset()

    def process(_: ClipFrame, seen: Seen) -> Image:
        return unmasker.fill(seen).image

    return _convert(clip, target, process, lambda frame: unmasker.see(frame.image, frame.seconds))
