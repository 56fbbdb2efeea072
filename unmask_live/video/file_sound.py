"""A file's sound, pulled in step with its pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import av
import av.error

from unmask_live.video.source import open_container


class FileSound:
    """The first sound of a file, through an opening of its own.

    So nothing is decoded, or kept waiting, before its time, however the file interleaves.

    Parameters
    ----------
    begin : time in the file, in seconds, that counts as 0; what lies before it is left out
    """

    def __init__(self, path: Path, begin: float) -> None:
        self._begin = begin
        self._container = open_container(path)
        self._frames = self._decode()
        self._next: tuple[av.AudioFrame, float] | None = None

    def before(self, seconds: float) -> Iterator[tuple[av.AudioFrame, float]]:
        """Yield what begins before ``seconds`` and was not yielded yet, with its time."""
        while True:
            if self._next is None:
                self._next = next(self._frames, None)
            if self._next is None or self._next[1] >= seconds:
                return
            item, self._next = self._next, None
            yield item

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def __enter__(self) -> FileSound:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _decode(self) -> Iterator[tuple[av.AudioFrame, float]]:
        """Decode in order; damaged packets are left out, and a file that breaks off ends."""
        streams = self._container.streams.audio
        if not streams:
            return
        try:
            for packet in self._container.demux(streams[0]):
                try:
                    decoded = packet.decode()
                except av.error.InvalidDataError:
                    continue
                for frame in decoded:
                    if isinstance(frame, av.AudioFrame) and frame.time is not None:
                        at = frame.time - self._begin
                        if at >= 0:
                            yield frame, at
        except av.error.FFmpegError:
            return
