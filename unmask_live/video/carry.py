"""Which of a file's other streams (sound, subtitles, data) the written container can hold."""

from __future__ import annotations

import io
from typing import Any

import av
import av.error


def can_carry(stream: Any, format_name: str) -> bool:
    """Tell whether ``format_name`` (FFmpeg's, e.g. "mp4") takes this input stream unchanged.

    Asked of the muxer itself: a container with only that stream is begun in memory. Tables of what
    goes where are long, and wrong for the next FFmpeg.
    """
    try:
        probe = av.open(io.BytesIO(), "w", format=format_name)
        try:
            probe.add_stream_from_template(stream)
            probe.start_encoding()
        finally:
            probe.close()
    except (av.error.FFmpegError, ValueError, TypeError, OSError):
        return False
    return True


def add_copy(output: av.container.OutputContainer, stream: Any) -> Any:
    """Add a stream that takes ``stream``'s packets as they are, tags and flags with it."""
    copy = output.add_stream_from_template(stream)
    copy.metadata.update(stream.metadata)
    copy.disposition = stream.disposition
    return copy


def describe(stream: Any) -> str:
    """Name a stream for people: ``subtitle stream 2 (subrip, eng)``."""
    context = stream.codec_context
    details = [context.name if context is not None else "", stream.metadata.get("language", "")]
    inside = ", ".join(detail for detail in details if detail)
    return f"{stream.type} stream {stream.index}" + (f" ({inside})" if inside else "")
