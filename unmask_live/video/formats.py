"""The containers we write, and how each is set up."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from unmask_live.errors import UserError

FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
"""Suffix to FFmpeg's container name."""
FINEST_CLOCK = 10_000_000
"""Most ticks a second of an MP4's own clock; finer ones overflow in some players."""


def container_format(path: Path) -> str:
    """Return FFmpeg's name of the container for this suffix (UserError if we write none)."""
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        raise UserError(
            f"cannot write a {path.suffix or 'nameless'} video ({path}): use {', '.join(FORMATS)}"
        ) from None


def encoder(kind: str, quality: int) -> tuple[str, dict[str, str]]:
    """Return the codec for a container and its options; ``quality`` is x264's rate factor."""
    if kind == "webm":
        # VP9's scale is 0..63; about a quarter more than x264's for the same look.
        crf = str(min(63, round(quality * 63 / 51)))
        return "libvpx-vp9", {"crf": crf, "deadline": "good", "cpu-used": "5", "row-mt": "1"}
    # veryfast: at this quality its files are larger, not worse, and the encoder shares its cores
    # with the networks. No B-frames: with reordered frames MP4 cannot hold the exact durations of
    # a variable rate, and some players start late.
    return "libx264", {"crf": str(quality), "preset": "veryfast", "bf": "0"}


def layout(kind: str, time_bases: Iterable[Fraction]) -> dict[str, str]:
    """Return the muxer's options, given the time base of each stream it will hold.

    An MP4 gets its index in front, so that it plays while it loads. A stream that starts late is
    shifted in units of the file's clock, by default milliseconds: a clock in which the times of
    all streams are whole numbers rounds nothing.
    """
    if kind not in ("mp4", "mov"):
        return {}
    clock = 1000
    for base in time_bases:
        finer = math.lcm(clock, base.denominator)
        clock = finer if finer <= FINEST_CLOCK else clock
    return {"movflags": "+faststart", "movie_timescale": str(clock)}
