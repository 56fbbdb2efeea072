"""A clip in which every picture tells its own time and every second clicks; and reading it back.

What a recording of it shows and sounds like at one moment must belong to the same moment of the
clip: how far it is off is the skew of sound and picture.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from unmask_live.commands.measure import read_frames
from unmask_live.types import Image

RATE = 30
SAMPLES = 48_000
_BITS = 10
_SIDE = 24
"""Pixels a side of each bit's square, in a row along the top; large enough for any encoder."""
_CLICK = 480
"""Samples of a click: 10 ms of a 2 kHz tone."""


def write_sync_clip(path: Path, pictures_of: Path) -> None:
    """Write whole seconds of 720p at 30 frames a second, numbered, with a click at each second.

    Parameters
    ----------
    pictures_of : the clip whose pictures are taken
    """
    pictures = read_frames(pictures_of, RATE * 30)
    count = max(RATE, len(pictures) // RATE * RATE)
    with av.open(str(path), "w") as out:
        video: Any = out.add_stream("libx264", rate=RATE, options={"crf": "20", "preset": "fast"})
        video.width, video.height, video.pix_fmt = 1280, 720, "yuv420p"
        sound: Any = out.add_stream("aac", rate=SAMPLES, layout="mono")
        samples = np.zeros(count * SAMPLES // RATE, np.float32)
        tone = 0.8 * np.sin(2 * np.pi * 2000 / SAMPLES * np.arange(_CLICK))
        for second in range(count // RATE):
            samples[second * SAMPLES : second * SAMPLES + _CLICK] = tone
        for index in range(count):
            picture = av.VideoFrame.from_ndarray(
                numbered(pictures[index % len(pictures)], index), "rgb24"
            )
            picture.pts, picture.time_base = index, Fraction(1, RATE)
            out.mux(video.encode(picture))
            step = SAMPLES // RATE
            part = av.AudioFrame.from_ndarray(
                samples[None, index * step : (index + 1) * step], "fltp", "mono"
            )
            part.sample_rate, part.pts = SAMPLES, index * step
            part.time_base = Fraction(1, SAMPLES)
            out.mux(sound.encode(part))
        out.mux(video.encode(None))
        out.mux(sound.encode(None))


def numbered(image: Image, index: int) -> Image:
    """Return a copy of an H×W×3 picture with ``index`` written in black and white squares."""
    out: Image = image.copy()
    for bit in range(_BITS):
        out[:_SIDE, bit * _SIDE : (bit + 1) * _SIDE] = 255 * (index >> bit & 1)
    return out


def read_number(image: Image) -> int:
    """Return what `numbered` wrote."""
    third = _SIDE // 3
    squares = image[third : 2 * third, : _BITS * _SIDE].astype(np.float32).mean((0, 2))
    bits = squares.reshape(_BITS, _SIDE)[:, third : 2 * third].mean(1) > 127
    return int(sum(1 << bit for bit in range(_BITS) if bits[bit]))


def skews(recording: Path) -> list[tuple[float, float]]:
    """Return (seconds into the recording, skew in seconds) of every click of a recording.

    The skew is what moment of the clip the picture shows when the click of a full second sounds,
    less that second: positive where the picture is ahead.
    """
    clicks = _clicks(recording)
    if not clicks:
        return []
    shown, told = _pictures(recording)
    found = []
    for click in clicks:
        after = int(np.searchsorted(shown, click))
        if not 0 < after < len(shown):
            continue
        step = told[after] - told[after - 1]
        if step < 0:  # the clip starts over between these two
            continue
        share = (click - shown[after - 1]) / (shown[after] - shown[after - 1])
        moment = (told[after - 1] + share * step) / RATE
        found.append((float(click), float(moment - round(moment))))
    return found


def _pictures(recording: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return when each picture is shown, seconds, and its number."""
    shown, told = [], []
    with av.open(str(recording)) as container:
        for frame in container.decode(video=0):
            if frame.pts is None or frame.time_base is None:
                continue
            shown.append(float(frame.pts * frame.time_base))
            told.append(float(read_number(frame.to_ndarray(format="rgb24"))))
    return np.array(shown), np.array(told)


def _clicks(recording: Path) -> list[float]:
    """Return when each click begins, seconds."""
    parts, times = [], []
    with av.open(str(recording)) as container:
        if not container.streams.audio:
            return []
        for frame in container.decode(audio=0):
            if frame.pts is None or frame.time_base is None:
                continue
            samples = np.abs(frame.to_ndarray().astype(np.float32)).mean(0)
            begin = float(frame.pts * frame.time_base)
            parts.append(samples)
            times.append(begin + np.arange(len(samples)) / frame.sample_rate)
    if not parts:
        return []
    loud, when = np.concatenate(parts), np.concatenate(times)
    above = np.flatnonzero(loud > 0.5 * loud.max()) if loud.max() > 0.05 else np.array([], int)
    begins: list[float] = []
    for index in above:
        if not begins or when[index] - begins[-1] > 0.5:
            begins.append(float(when[index]))
    return begins
