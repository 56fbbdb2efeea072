"""How a live recording is laid out: containers, codecs, times and colours."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
from av.codec.context import Flags

from unmask_live.video.colour import Colour
from unmask_live.video.sound_track import RATE

CLOCK = Fraction(1, 90000)
"""Unit of the pictures' times, seconds."""
PART = 1.0
"""Seconds after which a part of the file is finished; a kill costs about two of them."""
COLOUR = Colour(matrix=1, primaries=1, transfer=1, full_range=False, tagged_range=1, space=1)
"""BT.709 as video has it, and tagged so: no player has to guess."""
CONTAINERS = {
    # Parts while it grows, so that a kill costs the last ones; one ordinary index when it closes.
    # Its head is written late: only then is it known how far before 0 the sound's encoder begins.
    ".mp4": (
        "mp4",
        {"movflags": "+hybrid_fragmented+frag_keyframe+delay_moov", "flush_packets": "1"},
    ),
    ".mkv": (
        "matroska",
        {"cluster_time_limit": str(round(1000 * PART)), "flush_packets": "1"},
    ),
}
"""Suffix to FFmpeg's container name and its options."""
_QUALITY = 20
"""x264's constant rate factor: a little coarser than for files, as all is encoded on the way."""


def add_pictures(out: av.container.OutputContainer, size: tuple[int, int], rate: float) -> Any:
    """Add an H.264 stream for pictures of ``size`` (width, height), odd sides grown by one.

    It makes no keyframes of its own but the first: whoever writes asks for them, by time, since
    at a low rate every so many frames is too rare.
    """
    options = {
        "crf": str(_QUALITY),
        "preset": "superfast",  # beside the networks, on the same cores
        "bf": "0",  # as in files: exact times, and nothing held back
        "g": "100000",
        "sc_threshold": "0",
        "forced-idr": "1",
    }
    expected = Fraction(rate).limit_denominator(1001)
    stream: Any = out.add_stream("libx264", rate=expected, options=options)
    stream.width, stream.height = (side + side % 2 for side in size)
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.time_base = CLOCK
    context.flags |= Flags.frame_duration
    context.colorspace, context.color_primaries = COLOUR.matrix, COLOUR.primaries
    context.color_trc, context.color_range = COLOUR.transfer, COLOUR.tagged_range
    return stream


def add_sound(out: av.container.OutputContainer) -> Any:
    """Add an AAC stream for 48 kHz stereo."""
    return out.add_stream("aac", rate=RATE)
