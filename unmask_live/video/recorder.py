"""Recording what is shown, live: H.264 at true times, with sound, playable whatever happens."""

from __future__ import annotations

import contextlib
from collections import deque
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn

import av
import av.error
from av.video.frame import PictureType

from unmask_live.errors import UserError
from unmask_live.types import Image
from unmask_live.video.boxes import whole_length
from unmask_live.video.colour import Converter
from unmask_live.video.fit import even, fit
from unmask_live.video.growing import GrowingFile
from unmask_live.video.recording import CLOCK, COLOUR, CONTAINERS, PART, add_pictures, add_sound
from unmask_live.video.sink import COMMENT
from unmask_live.video.sound_track import RATE, SoundTrack
from unmask_live.video.whole import check_target, write_error, write_failure

_PATIENCE = 0.5
"""Seconds that sound may come late before silence takes its place."""
_PIECES = 512
"""Pieces of sound that may wait, about ten seconds; the oldest give way."""


class Recorder:
    """A recording that grows while the program runs; what was written before a kill can be played.

    Owned by one thread; only `sound` may be called from another.

    Parameters
    ----------
    path : where to; .mp4 or .mkv (whose times are whole milliseconds)
    size : (width, height) of the pictures, pixels; an odd side grows by one
    rate : frames a second to expect, 1 to 240, anything else is taken for 30; the times given to
        `write` are what counts
    sound : whether `sound` will be called
    force : replace what exists
    comment : goes into the file's tags

    Attributes
    ----------
    path : as given
    frames : pictures written
    seconds : time of the last picture, from the first

    Raises
    ------
    UserError
        if the suffix is neither, the file exists (without ``force``) or cannot be written
    """

    def __init__(
        self,
        path: Path,
        size: tuple[int, int],
        *,
        rate: float = 30.0,
        sound: bool = False,
        force: bool = False,
        comment: str = COMMENT,
    ) -> None:
        self.path = path
        self.frames = 0
        self.seconds = 0.0
        if path.suffix.lower() not in CONTAINERS:
            raise UserError(f"cannot record to {path}: use {' or '.join(CONTAINERS)}")
        if min(size) < 1:
            raise ValueError(f"size of the recording: got {size}, wanted at least 1×1")
        self._size = size
        rate = rate if 1 <= rate <= 240 else 30.0
        self._step = 1 / rate
        self._begun: float | None = None
        self._keyed = -PART
        self._kept = self._key = 0.0  # the last keyframe but one, the last one: see `_fail`
        self._converter = Converter(COLOUR)
        self._track = SoundTrack() if sound else None
        self._pieces: deque[tuple[av.AudioFrame, float]] = deque(maxlen=_PIECES)
        self._encoded = 0
        self._audio: Any = None
        self._out: Any = self._open(rate, comment, force)

    def write(self, image: Image, seconds: float) -> None:
        """Add an H×W×3 uint8 RGB picture, shown at ``seconds`` on any clock that rises.

        The first is shown at 0; one whose time has not risen is dropped. Another size than the
        recording's is fitted between black bars.

        Raises
        ------
        UserError
            if the disk is full or cannot be written; the sentence says what was kept. The
            recording is over then.
        ValueError
            if the recording is over
        """
        if self._out is None:
            raise ValueError(f"write to {self.path}: the recording is over")
        begun = seconds if self._begun is None else self._begun
        pts = round((seconds - begun) / CLOCK)
        if self.frames and pts <= round(self.seconds / CLOCK):
            return
        self._begun, self.seconds = begun, float(pts * CLOCK)
        frame = self._converter.from_rgb(even(fit(image, self._size)), "yuv420p")
        frame.pts, frame.time_base = pts, CLOCK
        frame.duration = round(self._step / CLOCK)  # counts for the last one only
        if self.seconds - self._keyed >= PART:
            frame.pict_type = PictureType.I
            self._keyed = self.seconds
        self.frames += 1
        self._mux(self._video.encode, frame)
        self._lay_sound(self.seconds)

    def sound(self, frame: av.AudioFrame, seconds: float) -> None:
        """Hand over sound that begins at ``seconds`` on the pictures' clock; from any thread.

        It is encoded by the thread that writes. Nothing happens if no sound was asked for.
        """
        if self._track is not None:
            self._pieces.append((frame, seconds))

    def close(self) -> Path:
        """Finish the file and return its path. Safe to call twice.

        A recording without a single picture leaves no file.

        Raises
        ------
        UserError
            if the disk is full or cannot be written
        """
        if self._out is None:
            return self.path
        if not self.frames:
            self._abandon()
            self.path.unlink(missing_ok=True)
            return self.path
        self._lay_sound(self.seconds + self._step, last=True)
        for stream in (self._video, self._audio):
            if stream is not None:
                self._mux(stream.encode, None)
        try:
            self._out.close()
        except (av.error.FFmpegError, OSError) as error:
            self._fail(error)
        self._file.close()
        self._out = None
        return self.path

    def _open(self, rate: float, comment: str, force: bool) -> Any:
        check_target(self.path, force=force)
        try:
            self._file = GrowingFile(self.path, force=force)
        except OSError as error:
            raise write_error(self.path, error) from error
        try:
            kind, options = CONTAINERS[self.path.suffix.lower()]
            out = av.open(self._file, "w", format=kind, options=options)
            self._video = add_pictures(out, self._size, rate)
            if self._track is not None:
                self._audio = add_sound(out)
            out.metadata["comment"] = comment
        except BaseException as error:
            self._file.close()
            self.path.unlink(missing_ok=True)
            if isinstance(error, (av.error.FFmpegError, OSError)):
                raise write_error(self.path, error) from error
            raise
        return out

    def _lay_sound(self, now: float, *, last: bool = False) -> None:
        """Encode the sound that was handed over up to ``now``, silence where it stays away."""
        if self._track is None or self._begun is None:
            return
        while self._pieces and self._pieces[0][1] - self._begun <= now:
            frame, seconds = self._pieces.popleft()
            self._track.add(frame, seconds - self._begun)
        if last:
            self._track.cut(now)
        self._track.fill(now if last else now - _PATIENCE)
        for block in self._track.blocks(all_of_it=last):
            sound = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            sound.sample_rate, sound.time_base = RATE, Fraction(1, RATE)
            sound.pts = self._encoded
            self._encoded += block.shape[1]
            self._mux(self._audio.encode, sound)

    def _mux(self, encode: Any, item: av.VideoFrame | av.AudioFrame | None) -> None:
        try:
            packets = encode(item)
            self._out.mux(packets)
        except (av.error.FFmpegError, OSError) as error:
            self._fail(error)
        for packet in packets:
            if packet.stream is self._video and packet.is_keyframe:
                self._kept, self._key = self._key, float(packet.pts * packet.time_base)

    def _fail(self, error: Exception) -> NoReturn:
        """Let go of the file as it is, and say what of it can be played.

        The part before the last keyframe may be just what could not be written.
        """
        self._file.stop()
        if self.path.suffix.lower() == ".mp4":  # half a part is an error to strict players
            with contextlib.suppress(OSError):
                self._file.cut(whole_length(self.path))
        self._abandon()
        raise UserError(
            f"the recording has stopped: {write_failure(self._file.failure or error)}; "
            f"about {self._kept:.0f} s are kept in {self.path}"
        ) from error

    def _abandon(self) -> None:
        self._file.stop()
        with contextlib.suppress(Exception):  # the first error is the one that counts
            self._out.close()
        self._out = None
        self._file.close()
