"""What is known about a clip before its frames are read, and a frame of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
from av.sidedata.sidedata import Type as SideDataType

from unmask_live.types import Frame
from unmask_live.video.colour import Colour
from unmask_live.video.orientation import Orientation

FALLBACK_RATE = Fraction(25)
"""Frames a second where the file does not say; only raw streams come to that."""


@dataclass(frozen=True)
class ClipFrame(Frame):
    """A frame of a file.

    Attributes
    ----------
    duration : in units of ``time_base``, 0 where the file is silent
    stored : as it was decoded, where it can be written again as it is; see `video.unchanged`
    """

    duration: int = 0
    stored: av.VideoFrame | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Clip:
    """What a clip's picture stream is like.

    Attributes
    ----------
    width, height : as shown, upright
    stored : (width, height) as the file holds it
    rate : average frames a second
    frames : how many to expect; None if the file does not say
    """

    width: int
    height: int
    stored: tuple[int, int]
    time_base: Fraction
    rate: Fraction
    frames: int | None
    sample_aspect: Fraction | None
    orientation: Orientation
    colour: Colour
    bits: int
    transparent: bool


def describe_clip(
    container: av.container.InputContainer, stream: av.VideoStream, first: av.VideoFrame
) -> Clip:
    """Read a clip's properties from its streams and its first decoded frame."""
    orientation = Orientation.from_matrix(_display_matrix(first))
    width, height = first.width, first.height
    rate = Fraction(stream.average_rate or stream.guessed_rate or FALLBACK_RATE)
    time_base = Fraction(stream.time_base or first.time_base or 1 / rate)
    length = seconds(stream.duration, time_base)
    if length is None:
        length = seconds(container.duration, Fraction(1, av.time_base))
    expected = stream.frames or (round(length * rate) if length else 0)
    return Clip(
        width=height if orientation.transpose else width,
        height=width if orientation.transpose else height,
        stored=(width, height),
        time_base=time_base,
        rate=rate,
        frames=expected or None,
        sample_aspect=stream.sample_aspect_ratio,
        orientation=orientation,
        colour=Colour.of(first),
        transparent=_is_transparent(stream, first),
        bits=max((part.bits for part in first.format.components), default=8),
    )


def seconds(count: int | None, unit: Fraction) -> Fraction | None:
    """Return a length in seconds; None stays None."""
    return None if count is None else count * unit


def _is_transparent(stream: av.VideoStream, first: av.VideoFrame) -> bool:
    """Tell whether there is transparency, which the decoder of VP9 does not even hand out."""
    if stream.metadata.get("alpha_mode", stream.metadata.get("ALPHA_MODE")) == "1":
        return True
    if not any(part.is_alpha for part in first.format.components):
        return False
    # GIF's frames always have the channel, mostly for nothing.
    alpha = first.to_ndarray(format="rgba")[..., 3]
    return stream.codec_context.name != "gif" or int(alpha.min()) < 255


def _display_matrix(frame: av.VideoFrame) -> bytes:
    items: Any = frame.side_data  # a mapping by its stubs, a sequence as well in fact
    for index in range(len(items)):
        if items[index].type == SideDataType.DISPLAYMATRIX:
            return bytes(items[index])
    return b""
