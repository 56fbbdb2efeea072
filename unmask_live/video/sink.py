"""Writing a video: new pictures at their old times, every other stream packet for packet."""

from __future__ import annotations

import contextlib
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import av.error
from av.codec.context import Flags

from unmask_live.types import Image
from unmask_live.video.carry import add_copy, can_carry, describe
from unmask_live.video.clip import ClipFrame
from unmask_live.video.colour import Converter
from unmask_live.video.formats import container_format, encoder, layout
from unmask_live.video.source import VideoSource
from unmask_live.video.unchanged import patched
from unmask_live.video.whole import write_error

COMMENT = "Faces in this file may be AI-reconstructed by unmask_live"
"""Goes into every file whose faces may be invented. May be: a video's tags are written before it is
known whether a mask will come."""


class VideoSink:
    """A video file being written.

    Parameters
    ----------
    path : what to write to, a temporary name as a rule (`whole_file`); deleted after an error
    source : the open file whose timing, colour, orientation, tags and other streams are kept
    columns : how many pictures of the clip's size lie side by side in each frame
    quality : constant rate factor of x264, 0 (lossless, huge) to 51; 18 looks like the original
    invented : whether the pictures may show invented faces, which `COMMENT` then says
    name : the name to use in messages, the final one

    Attributes
    ----------
    notes : one line for each thing that could not be kept

    Raises
    ------
    UserError
        if the suffix is no container we write, or the file cannot be written
    """

    def __init__(
        self,
        path: Path,
        source: VideoSource,
        *,
        columns: int = 1,
        quality: int = 18,
        invented: bool = True,
        name: Path | None = None,
    ) -> None:
        self._path = path
        self._name = name or path
        self._clip = source.clip
        self.notes: list[str] = []
        kind = container_format(self._name)
        bases = [stream.time_base for stream in source.others if stream.time_base]
        settings = layout(kind, [self._clip.time_base, *bases])
        try:
            self._out = av.open(str(path), "w", format=kind, container_options=settings)
        except (av.error.FFmpegError, OSError) as error:
            raise write_error(self._name, error) from error
        try:
            self._size = self._frame_size(columns)
            self._stream = self._add_video(source, kind, quality)
            self._copies = self._add_others(source, kind)
            self._tag(source, COMMENT if invented else "")
        except BaseException:
            self._abandon()
            raise
        self._converter = Converter(self._clip.colour)

    def write(
        self, image: Image, pts: int, duration: int = 0, *, source: ClipFrame | None = None
    ) -> None:
        """Encode one picture.

        Parameters
        ----------
        image : upright H×W×3 uint8 RGB
        pts : when it is shown, in the clip's time base
        source : the frame that it was made of: where it was not changed, it is written as decoded
        """
        wanted = (self._size[1], self._size[0], 3)
        picture = self._clip.orientation.stored(image)
        if picture.shape != wanted:
            raise ValueError(f"picture for {self._name}: got {picture.shape}, wanted {wanted}")
        if source is not None and source.stored is not None and image.shape == source.image.shape:
            frame = patched(source.stored, source.image, image, self._converter)
        else:
            frame = self._converter.from_rgb(picture, self._pixels)
        frame.pts, frame.time_base = pts, self._clip.time_base
        if duration:
            frame.duration = duration
        self._mux(self._stream.encode, frame)

    def copy(self, packet: av.Packet[Any]) -> None:
        """Pass on a packet of another stream, untouched; left out if the container has no place."""
        stream = self._copies.get(packet.stream.index)
        if stream is None:
            return
        if packet.dts is None:
            packet.dts = packet.pts
        packet.stream = stream
        self._mux(lambda same: [same], packet)

    def finish(self) -> None:
        """Write what the encoder still holds and the container's end.

        Raises
        ------
        UserError
            if the disk is full or cannot be written
        """
        self._mux(self._stream.encode, None)
        try:
            self._out.close()
        except (av.error.FFmpegError, OSError) as error:
            raise write_error(self._name, error) from error

    def __enter__(self) -> VideoSink:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the file; after an error only let go of it."""
        if kind is None:
            self.finish()
        else:
            self._abandon()

    def _abandon(self) -> None:
        # Closing writes the index and, to move it in front, the whole file once more. There is no
        # closing without it, but a file without a name cannot be moved about. Windows keeps the
        # names of open files, so there it takes as long as it takes.
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
        try:
            self._out.close()
        except Exception:  # the file is thrown away, and the first error is the one that counts
            return

    def _mux(self, encode: Any, item: Any) -> None:
        try:
            self._out.mux(encode(item))
        except (av.error.FFmpegError, OSError) as error:
            raise write_error(self._name, error) from error

    def _frame_size(self, columns: int) -> tuple[int, int]:
        """Return the stored (width, height) of a frame with ``columns`` upright pictures."""
        width, height = self._clip.width * columns, self._clip.height
        return (height, width) if self._clip.orientation.transpose else (width, height)

    def _add_video(self, source: VideoSource, kind: str, quality: int) -> Any:
        clip = self._clip
        codec, options = encoder(kind, quality)
        stream: Any = self._out.add_stream(codec, rate=clip.rate, options=options)
        stream.width, stream.height = self._size
        # 4:2:0 halves both sides: an odd size only stays what it is without that.
        odd = any(side % 2 for side in self._size)
        self._pixels = "yuv444p" if odd else "yuv420p"
        stream.pix_fmt = self._pixels
        if odd:
            self.notes.append(
                f"the odd size {self._size[0]}x{self._size[1]} is kept with 4:4:4 colour, "
                "which some players cannot show"
            )
        if clip.bits > 8:
            self.notes.append(f"{clip.bits}-bit colour is written with 8 bits")
        if clip.transparent:
            self.notes.append("transparency is left out")
        context = stream.codec_context
        context.time_base = clip.time_base
        context.flags |= Flags.frame_duration  # ours count, not those of the average rate
        if clip.sample_aspect:
            context.sample_aspect_ratio = clip.sample_aspect
        context.colorspace = clip.colour.matrix
        context.color_primaries = clip.colour.primaries
        context.color_trc = clip.colour.transfer
        context.color_range = clip.colour.tagged_range
        if clip.orientation.matrix is not None:
            stream.set_display_matrix(clip.orientation.matrix)
        stream.metadata.update(source.video_stream.metadata)
        return stream

    def _add_others(self, source: VideoSource, kind: str) -> dict[int, Any]:
        """Add a copy of each other stream that fits; note those that don't."""
        copies = {}
        for stream in source.others:
            if can_carry(stream, kind):
                copies[stream.index] = add_copy(self._out, stream)
            else:
                self.notes.append(
                    f"left out {describe(stream)}: {self._name.suffix} cannot hold it "
                    "(.mkv holds nearly everything)"
                )
        self.notes += [
            f"left out {describe(stream)}: only the first picture stream, sound and subtitles stay"
            for stream in source.left
        ]
        return copies

    def _tag(self, source: VideoSource, comment: str) -> None:
        tags = source.metadata
        before = tags.get("comment") or tags.pop("COMMENT", "")
        said = comment and comment in before
        whole = before if said else ". ".join(part for part in (comment, before) if part)
        if whole:
            tags["comment"] = whole
        for technical in (
            "encoder",
            "ENCODER",
            "major_brand",
            "minor_version",
            "compatible_brands",
        ):
            tags.pop(technical, None)
        self._out.metadata.update(tags)
        if source.chapters:
            self._out.set_chapters(source.chapters)
