"""Reading a video: frames put upright with their true times, and all other packets as they are."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import av
import av.error
from av.stream import Disposition

from unmask_live.errors import UserError
from unmask_live.video.clip import Clip, ClipFrame, describe_clip, seconds
from unmask_live.video.colour import Converter
from unmask_live.video.unchanged import SAME_LAYOUT

INDEXED = ("mov", "mp4", "matroska", "webm", "avi")
"""Containers whose stated length is a fact, not a guess from the bit rate."""


class VideoSource:
    """A video file, opened; iterate once over its frames and its other streams' packets.

    Parameters
    ----------
    path : any video PyAV can read
    salvage : take what can be read of a file that is cut short, instead of an error at its end
    clip : what an earlier opening found, so that the file need not be looked at again

    Raises
    ------
    UserError
        on opening, if there is no such file, it is no video, or holds no frame;
        while iterating, if the file breaks off
    """

    def __init__(self, path: Path, *, salvage: bool = False, clip: Clip | None = None) -> None:
        self.path = path
        self.damaged = 0
        self._salvage = salvage
        self._container = open_container(path)
        try:
            self._video = self._pick_video()
            self.others = [
                stream
                for stream in self._container.streams
                if stream.type in ("audio", "subtitle", "attachment")
            ]
            self.left = self._left_out()
            self._end = Fraction(0)
            self._broken = ""
            self.clip = clip or self._first_look()
        except BaseException:
            self._container.close()
            raise

    @property
    def metadata(self) -> dict[str, str]:
        """The file's own tags."""
        return dict(self._container.metadata)

    @property
    def chapters(self) -> list[Any]:
        """The file's chapters, as PyAV gives and takes them."""
        return list(self._container.chapters())

    @property
    def video_stream(self) -> av.VideoStream:
        """The stream the frames come from."""
        return self._video

    def __iter__(self) -> Iterator[ClipFrame | av.Packet[Any]]:
        """Yield frames in the order they are shown, and other packets as they lie between them."""
        converter = Converter(self.clip.colour)
        width, height = self.clip.stored
        index, last = 0, None
        for item in self._decode(self._container, *self.others):
            if isinstance(item, av.Packet):
                yield item
                continue
            pts = self._time_of(item, last)
            last = pts
            image = self.clip.orientation.upright(converter.to_rgb(item, width, height))
            stored = item if self._as_written(item) else None
            length = int(item.duration or 0)
            yield ClipFrame(image, pts, self.clip.time_base, index, length, stored)
            index += 1
        self._check_end()

    def close(self) -> None:
        """Close the file. Safe to call twice."""
        self._container.close()

    def __enter__(self) -> VideoSource:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _pick_video(self) -> av.VideoStream:
        """Return the picture stream; a song's cover is none."""
        for stream in self._container.streams.video:
            if not stream.disposition & Disposition.attached_pic:
                return stream
        raise UserError(f"{self.path} is not a video: it holds no moving picture")

    def _left_out(self) -> list[Any]:
        """Return the streams that are not offered: further pictures (covers), and data.

        Time code and chapter tracks are not among them: they are written anew from the tags.
        """
        streams = self._container.streams
        left: list[Any] = [s for s in streams.video if s is not self._video]
        if "timecode" not in self._video.metadata and not self.chapters:
            left += streams.data
        return left

    def _first_look(self) -> Clip:
        """Describe the clip by its first frame, through an opening of its own.

        So nothing has to be kept of what lies before that frame: all the sound, in some files.
        """
        with open_container(self.path) as container:
            for item in self._decode(container):
                if isinstance(item, av.VideoFrame):
                    video = container.streams[self._video.index]
                    clip = describe_clip(container, cast("av.VideoStream", video), item)
                    self.damaged, self._broken, self._end = 0, "", Fraction(0)
                    return clip
        if self._broken or self.damaged:
            raise UserError(
                f"{self.path} is damaged or cut short: not one frame of it can be decoded"
            )
        raise UserError(f"{self.path} holds no frames: there is nothing to unmask")

    def _decode(
        self, container: av.container.InputContainer, *others: Any
    ) -> Iterator[av.VideoFrame | av.Packet[Any]]:
        """Demux and decode; a damaged packet is counted and left out, as players do."""
        video = cast("av.VideoStream", container.streams[self._video.index])
        video.thread_type = "AUTO"
        packed = [stream for stream in others if stream.type != "attachment"]
        try:
            for packet in container.demux(video, *packed):
                self._note_end(packet)
                if packet.stream.index != video.index:
                    if packet.size or packet.dts is not None:
                        yield packet
                    continue
                try:
                    frames = packet.decode()
                except av.error.InvalidDataError:
                    self.damaged += 1
                    continue
                yield from (frame for frame in frames if isinstance(frame, av.VideoFrame))
        except av.error.FFmpegError as error:
            self._broken = error.strerror or type(error).__name__

    def _as_written(self, frame: av.VideoFrame) -> bool:
        """Tell whether a frame could be written again as it was decoded."""
        clip = self.clip
        return (
            frame.format.name in SAME_LAYOUT
            and (frame.width, frame.height) == (clip.width, clip.height) == clip.stored
            and not (frame.width % 2 or frame.height % 2)
            and clip.orientation.matrix is None
            and clip.colour.is_of(frame)
        )

    def _note_end(self, packet: av.Packet[Any]) -> None:
        if packet.is_corrupt:
            self._broken = "its last packet is incomplete"
        if packet.pts is not None and packet.time_base is not None:
            end = (packet.pts + (packet.duration or 0)) * packet.time_base
            self._end = max(self._end, end)

    def _check_end(self) -> None:
        """Raise UserError if the file stopped before its stated end."""
        total = self._stated_end()
        if total is not None and total - self._end > max(Fraction(1, 2), total / 100):
            self._broken = self._broken or "it ends before its stated length"
        if self._broken and not self._salvage:
            read = f"{float(self._end):.1f} s"
            of = f" of {float(total):.1f} s" if total is not None else ""
            raise UserError(
                f"{self.path} is cut short or damaged ({self._broken}; {read}{of} can be read): "
                "nothing was written; use --salvage to take what there is"
            )

    def _stated_end(self) -> Fraction | None:
        """Return when the streams we read end according to the file; None if it does not say."""
        names = self._container.format.name.split(",")
        if not any(name in INDEXED for name in names):
            return None
        ends = [
            ((stream.start_time or 0) + stream.duration) * stream.time_base
            for stream in (self._video, *self.others)
            if stream.duration is not None and stream.time_base is not None
        ]
        if ends:
            return max(ends)
        if self.left:  # the stated length may be that of a stream we do not read
            return None
        return seconds(self._container.duration, Fraction(1, av.time_base))

    def _time_of(self, frame: av.VideoFrame, last: int | None) -> int:
        """Return the frame's time in the stream's units, strictly rising whatever the file says."""
        base = self.clip.time_base
        pts = frame.pts if frame.pts is not None else frame.dts
        if pts is not None and frame.time_base is not None and frame.time_base != base:
            pts = round(pts * frame.time_base / base)
        if pts is None:  # raw streams carry no times: the frame rate is all there is
            step = max(1, round(1 / (self.clip.rate * base)))
            pts = 0 if last is None else last + step
        return pts if last is None else max(pts, last + 1)


def open_container(path: Path) -> av.container.InputContainer:
    """Open a file to read (UserError if it is none that can be)."""
    if not path.exists():
        raise UserError(f"there is no file {path}")
    if path.stat().st_size == 0:
        raise UserError(f"{path} is empty (0 bytes)")
    try:
        return _open_lenient(str(path))
    except av.error.PermissionError:
        raise UserError(f"{path} may not be read: check its permissions") from None
    except av.error.InvalidDataError as error:  # what FFmpeg says of it helps nobody
        raise UserError(f"{path} is not a video that can be read, or it is cut short") from error
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise UserError(
            f"{path} is not a video that can be read, or it is cut short ({_why(error)})"
        ) from error


def _open_lenient(name: str) -> av.container.InputContainer:
    """Open a file whose tags may not be UTF-8: newer PyAV takes them, older needs to be told."""
    opening: Any = av.open
    with contextlib.suppress(TypeError):  # no such argument from PyAV 19 on
        return cast("av.container.InputContainer", opening(name, metadata_errors="replace"))
    return cast("av.container.InputContainer", opening(name))


def _why(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)
