"""Live pictures: what a source of them offers, and how one is opened by what the user typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

import av

from unmask_live.errors import UserError
from unmask_live.types import Frame

DEMO = "demo"
"""What stands for the shipped clip."""
_URL = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


@dataclass(frozen=True)
class LiveFrame(Frame):
    """A frame that came just now.

    Attributes
    ----------
    captured : `time.monotonic` when the camera handed the picture over, or when it was due
    pts, time_base : capture time on the run's own clock: 0 at the first frame, strictly rising
    """

    captured: float


class NoticeKind(Enum):
    """How a `Notice` is meant."""

    INFO = "info"
    LOST = "lost"
    BACK = "back"
    WARNING = "warning"


@dataclass(frozen=True)
class Notice:
    """Something the user should know while the run goes on; ``text`` is one sentence.

    ``path`` is the file it is about, if there is one: a window can offer to show it.
    """

    kind: NoticeKind
    text: str
    path: Path | None = None


OnNotice = Callable[[Notice], None]
OnSound = Callable[[av.AudioFrame, float], None]


class LiveSource(Protocol):
    """Where live pictures come from; `frames` is iterated once, in the capture thread.

    Attributes
    ----------
    label : what the user picked, e.g. "demo clip" or "HD Webcam (0)"
    mirror : whether pictures are mirrored left-right; may be set at any time
    on_notice : set by the owner before iterating; called in the capture thread
    on_sound : set by the owner before iterating, or None; gets the source's sound and its time in
        seconds on the frames' clock (the zero of `LiveFrame.seconds`); called in the capture thread
    """

    label: str
    mirror: bool
    on_notice: OnNotice
    on_sound: OnSound | None

    def frames(self) -> Iterator[LiveFrame]:
        """Yield pictures as they come until `close`; UserError if there can't be any."""
        ...

    def describe(self) -> str:
        """Say what comes, e.g. ``1280×720 MJPG, asked 30, measured 29.8 frames a second``."""
        ...

    def close(self) -> None:
        """End the iteration within half a second; from any thread, safe to call twice."""
        ...


def open_live(
    spec: str,
    *,
    size: tuple[int, int] | None = None,
    fps: float | None = None,
    mirror: bool = False,
) -> LiveSource:
    """Open what the user named; what takes time is done when the frames are iterated.

    Parameters
    ----------
    spec : "demo", a camera's index, a URL, a path, or (part of) a camera's name
    size : (width, height) to ask of a camera; files and streams come as they are
    fps : frames a second to ask of a camera, or to show a still picture with

    Raises
    ------
    UserError
        if there is no such source
    """
    spec = spec.strip()
    if not spec:
        raise UserError('no source is named: use "demo", a camera, a file or a URL')
    if spec.lower().startswith("file://"):
        spec = url2pathname(urlsplit(spec).path)
    if _URL.match(spec):
        from unmask_live.video.network import NetworkStream

        return NetworkStream(spec, mirror=mirror)
    if spec == DEMO or _is_path(spec):
        from unmask_live.video.playback import open_file

        return open_file(None if spec == DEMO else Path(spec), fps=fps, mirror=mirror)
    from unmask_live.video.camera import Camera
    from unmask_live.video.devices import find_camera

    return Camera(find_camera(spec), size=size, fps=fps, mirror=mirror)


def is_camera(spec: str) -> bool:
    """Tell whether `open_live` would take ``spec`` for a camera: only these are asked for sizes."""
    spec = spec.strip()
    return not (spec == DEMO or _URL.match(spec) or _is_path(spec))


def _is_path(spec: str) -> bool:
    """Tell a path from a camera: it exists, or nothing but a path is written so."""
    if spec.isdecimal() or spec.startswith("/dev/"):
        return False
    path = Path(spec)
    try:
        if path.exists():
            return True
    except OSError:  # a name too long
        return False
    return any(sign in spec for sign in "/\\") or path.suffix.lower() in _suffixes()


def _suffixes() -> tuple[str, ...]:
    from unmask_live.video.names import VIDEO_SUFFIXES
    from unmask_live.video.pictures import SUFFIXES

    return (*VIDEO_SUFFIXES, *SUFFIXES)
