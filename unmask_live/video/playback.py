"""A file as a camera: played in real time by its own times, over and over; a picture stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import av

from unmask_live.errors import UserError
from unmask_live.video.capture import LiveFrame
from unmask_live.video.clip import Clip, ClipFrame
from unmask_live.video.demo_clip import demo_clip
from unmask_live.video.feed import Feed, Stamper
from unmask_live.video.file_sound import FileSound
from unmask_live.video.pace import Pacer
from unmask_live.video.pictures import SUFFIXES, read_picture
from unmask_live.video.source import VideoSource

STILL_RATE = 30.0
"""Frames a second that a still picture is shown with."""


def open_file(
    path: Path | None, *, fps: float | None = None, mirror: bool = False
) -> Playback | StillPicture:
    """Open a video or picture to be played as if a camera saw it; None is the shipped clip.

    Raises
    ------
    UserError
        if it is a folder, missing, empty, or neither a video nor a picture
    """
    if path is None:
        return Playback(demo_clip(), label="demo clip", mirror=mirror)
    if path.is_dir():
        raise UserError(f"{path} is a folder: choose one video or picture in it")
    if path.suffix.lower() in SUFFIXES:
        return StillPicture(path, fps=fps, mirror=mirror)
    return Playback(path, label=path.name, mirror=mirror)


class Playback(Feed):
    """A video in a loop: times rise on from pass to pass, each frame comes when it is due.

    Every frame is handed out, late ones too: whoever takes the newest leaves the others out.

    Raises
    ------
    UserError
        on opening, if it is no video that can be read; while iterating, if it has gone
    """

    def __init__(self, path: Path, *, label: str, mirror: bool = False, **timing: Any) -> None:
        super().__init__(label, mirror=mirror, **timing)
        self._path = path
        with VideoSource(path, salvage=True) as source:
            self._clip: Clip = source.clip
            self._codec = source.video_stream.codec_context.name
        self._step = max(1, round(1 / (self._clip.rate * self._clip.time_base)))

    def describe(self) -> str:
        """Say what the file holds."""
        clip = self._clip
        return f"{clip.width}×{clip.height} {self._codec}, {float(clip.rate):.4g} frames a second"

    def frames(self) -> Iterator[LiveFrame]:
        """Yield the frames when they are due, in a loop until closed."""
        pacer = Pacer(self._clock, self._wait)
        base = self._clip.time_base
        index = passed = 0
        while not self.closed():
            end = passed
            for frame, sound in self._pass():
                pts = passed + frame.pts
                seconds = float(pts * base)
                due = pacer.until(seconds)
                if due is None:
                    return
                end = pts + (frame.duration or self._step)
                self._play(sound, float(passed * base), float(end * base))
                yield LiveFrame(self._turned(frame.image), pts, base, index, due)
                index += 1
            if end == passed:
                raise UserError(f"{self._path} can no longer be read: was it moved or changed?")
            passed = end

    def _pass(self) -> Iterator[tuple[ClipFrame, FileSound | None]]:
        """Play the file once; its first frame is at 0. Sound is opened only if it is wanted."""
        with ExitStack() as stack:
            source = stack.enter_context(VideoSource(self._path, salvage=True, clip=self._clip))
            source.others = []  # sound comes through an opening of its own, subtitles are not shown
            sound: FileSound | None = None
            first: int | None = None
            for item in source:
                if isinstance(item, av.Packet):
                    continue
                if first is None:
                    first = item.pts
                    if self.on_sound is not None:
                        begin = float(first * item.time_base)
                        sound = stack.enter_context(FileSound(self._path, begin))
                yield (
                    ClipFrame(
                        item.image, item.pts - first, item.time_base, item.index, item.duration
                    ),
                    sound,
                )

    def _play(self, sound: FileSound | None, passed: float, until: float) -> None:
        """Hand on the sound of this pass up to ``until``; ``passed`` is the time before the pass.

        It runs as far as its picture stays, so that the last picture's sound is not lost.
        """
        if sound is None or self.on_sound is None:
            return
        for frame, at in sound.before(until - passed):
            self.on_sound(frame, passed + at)


class StillPicture(Feed):
    """A picture, handed out again and again; every frame holds the same array.

    Raises
    ------
    UserError
        on opening, if it is no picture that can be read
    """

    def __init__(
        self, path: Path, *, fps: float | None = None, mirror: bool = False, **timing: Any
    ) -> None:
        super().__init__(path.name, mirror=mirror, **timing)
        self._image = read_picture(path).image
        self._rate = fps or STILL_RATE

    def describe(self) -> str:
        """Say how large it is and how often it comes."""
        height, width = self._image.shape[:2]
        return f"{width}×{height} picture, {self._rate:g} frames a second"

    def frames(self) -> Iterator[LiveFrame]:
        """Yield the picture when it is due, until closed."""
        pacer, stamper = Pacer(self._clock, self._wait), Stamper()
        count = 0
        while not self.closed():
            due = pacer.until(count / self._rate)
            if due is None:
                return
            yield stamper.stamp(self._turned(self._image), due)
            count += 1
