"""Streams over the network: RTSP, HTTP (MJPEG, MPEG-TS, FLV), HLS and what else FFmpeg opens."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import av
import av.error

from unmask_live.errors import UserError
from unmask_live.types import Image
from unmask_live.video.colour import Colour, Converter
from unmask_live.video.http_body import HttpBody, show
from unmask_live.video.returning import SILENT, Arrival, ReturningFeed
from unmask_live.video.stream_opening import open_stream
from unmask_live.video.stream_timing import StreamTiming

ANSWER = 4.0
"""Seconds that a web server may take to answer, and its stream to go on."""
PLAYLIST = 10.0
"""Seconds between two parts of a stream that comes in parts."""
STEP = 0.4
"""Seconds after which a wait looks whether it was closed."""
_AGAIN = 0.1
"""Seconds before a film begins again, or a picture is fetched once more."""


@dataclass
class _Connection:
    """A stream as opened.

    Attributes
    ----------
    paced : whether it comes faster than it is shown: a file, or parts of several seconds
    patience : seconds without a picture after which it is lost
    """

    container: av.container.InputContainer
    paced: bool
    patience: float = SILENT


class NetworkStream(ReturningFeed):
    """Pictures, and sound, of a stream; opened in the thread that iterates.

    Closing it takes effect within half a second; while a connection is made it takes up to
    5 seconds (`stream_opening`), and while a playlist's server is silent up to `PLAYLIST`.

    Parameters
    ----------
    url : any that FFmpeg opens; what is secret in it is never shown
    options : more of FFmpeg's options, which go before ours

    Raises
    ------
    UserError
        while iterating, if nothing that can be shown answers at first
    """

    _cure = "check the network and the camera"

    def __init__(
        self,
        url: str,
        *,
        mirror: bool = False,
        options: dict[str, str] | None = None,
        **timing: Any,
    ) -> None:
        super().__init__(show(url), mirror=mirror, **timing)
        self._url = url
        self._scheme = urlsplit(url).scheme.lower()
        self._options = options or {}
        self._body: HttpBody | None = None
        self._got = ""

    def describe(self) -> str:
        """Say what comes: size, codec, protocol, and the rate as measured."""
        if not self._got:
            return f"{self._scheme} stream, nothing came yet"
        rate = self._meter.rate
        measured = f"measured {rate:.1f}" if rate else "not yet measured"
        return f"{self._got} over {self._scheme}, {measured} frames a second"

    def close(self) -> None:
        """End the iteration; from any thread, safe to call twice."""
        super().close()
        body = self._body
        if body is not None:
            body.abort()

    def _visit(self) -> Generator[Arrival, None, None]:
        """Show a stream until it is lost; what has an end is no loss, and begins again."""
        finite = True
        while finite and not self.closed():
            with ExitStack() as stack:
                connection = self._connect(stack)
                if not connection.container.streams.video:
                    raise UserError(f"{self.label} sends no picture: check the address")
                self._opened = True
                finite = connection.paced and connection.container.duration is not None
                yield from self._decode(connection)
            if finite:
                self._wait(_AGAIN)

    def _connect(self, stack: ExitStack) -> _Connection:
        if self._scheme not in ("http", "https"):
            return _Connection(self._open(stack, self._url, STEP), paced=False)
        body = self._ask(stack)
        if body.endless:
            name = "mpjpeg" if body.kind == "multipart/x-mixed-replace" else None
            return _Connection(self._open(stack, body, ANSWER, name), paced=False)
        body.close()
        return _Connection(self._open(stack, self._url, PLAYLIST), paced=True, patience=PLAYLIST)

    def _ask(self, stack: ExitStack) -> HttpBody:
        body = HttpBody(self._url, ANSWER)
        stack.callback(body.close)
        self._body = body
        if self.closed():  # meanwhile, and `close` had nothing to end yet
            body.abort()
        return body

    def _open(
        self, stack: ExitStack, source: str | HttpBody, wait: float, name: str | None = None
    ) -> av.container.InputContainer:
        opened = open_stream(source, self._url, wait=wait, name=name, options=self._options)
        stack.callback(opened.close)
        return opened

    def _decode(self, connection: _Connection) -> Iterator[Arrival]:
        streams = connection.container.streams
        wanted: list[Any] = [streams.video[0]]
        if self.on_sound is not None and streams.audio:
            wanted.append(streams.audio[0])
        # Decoding several frames at once would hold each back by as many.
        streams.video[0].thread_type = "AUTO" if connection.paced else "SLICE"
        timing = StreamTiming(
            self._clock, self._wait, paced=connection.paced, heard=len(wanted) > 1
        )
        converter: Converter | None = None
        for frame in self._frames(connection, wanted):
            if isinstance(frame, av.AudioFrame):
                self._play(frame, timing)
                continue
            if converter is None:
                converter = self._begin(frame, streams.video[0].codec_context.name)
                size = frame.width, frame.height
            placed = timing.place(frame.time)
            if placed is None:
                return
            image: Image = converter.to_rgb(frame, *size)
            yield Arrival(image, *placed)

    def _frames(
        self, connection: _Connection, wanted: list[Any]
    ) -> Iterator[av.VideoFrame | av.AudioFrame]:
        """Demux and decode until the stream ends, is silent or closed; damage is left out."""
        seen = self._clock()
        while not self.closed():
            try:
                for packet in connection.container.demux(*wanted):
                    pictures = packet.stream.type == "video"
                    seen = self._clock() if pictures else seen
                    if self.closed() or self._clock() - seen >= connection.patience:
                        return  # its sound may go on: that is no picture
                    try:
                        yield from packet.decode()
                    except av.error.InvalidDataError:
                        continue
                    seen = self._clock() if pictures else seen  # they may have been taken slowly
                return
            except av.error.ExitError:  # our time for one wait is over: RTSP can go on from here
                if self._clock() - seen >= connection.patience:
                    return
            except (av.error.FFmpegError, OSError):
                return

    def _begin(self, frame: av.VideoFrame, codec: str) -> Converter:
        self._got = f"{frame.width}×{frame.height} {codec}"
        return Converter(Colour.of(frame))

    def _play(self, frame: av.AudioFrame, timing: StreamTiming) -> None:
        zero = self._stamper.zero
        if zero is None or frame.time is None or self.on_sound is None:
            return
        at = timing.at(frame.time)
        if at is not None and at >= zero:
            self.on_sound(frame, at - zero)
