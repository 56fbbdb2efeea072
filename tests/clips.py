"""Small real clips, made on the spot, and what is in them, read back with PyAV alone."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

NTSC = Fraction(30000, 1001)


def picture(index: int, width: int = 96, height: int = 64) -> np.ndarray:
    """A ramp with a bright square that steps to the right: no two frames alike, none symmetric."""
    image = np.empty((height, width, 3), np.uint8)
    image[..., 0] = np.linspace(30, 200, width, dtype=np.uint8)[None]
    image[..., 1] = np.linspace(60, 160, height, dtype=np.uint8)[:, None]
    image[..., 2] = 90
    x = 2 + (index * 5) % (width - 20)
    image[4:20, x : x + 16] = (230, 220, 40)
    return image


def steady(count: int, rate: Fraction = NTSC) -> tuple[list[int], Fraction]:
    """Constant rate: times 0, 1, 2 ... in units of one frame."""
    return list(range(count)), 1 / rate


def uneven(count: int) -> tuple[list[int], Fraction]:
    """Variable rate in 1/90000 s: gaps of 16 to 120 ms, a start that is no whole millisecond."""
    gaps = [1500, 3003, 10800, 2999, 4500, 6007]
    times = [917]
    for index in range(count - 1):
        times.append(times[-1] + gaps[index % len(gaps)])
    return times, Fraction(1, 90000)


def write_clip(
    path: Path,
    *,
    times: list[int] | None = None,
    time_base: Fraction | None = None,
    size: tuple[int, int] = (96, 64),
    audio: tuple[str, ...] = ("aac",),
    subtitle: str | None = None,
    matrix: list[int] | None = None,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    colour: tuple[int, int, int, int] | None = None,
    metadata: dict[str, str] | None = None,
    sample_aspect: Fraction | None = None,
) -> Path:
    """Write a clip; colour is (matrix, primaries, transfer, range) as H.273 numbers."""
    if times is None or time_base is None:
        times, time_base = steady(20)
    width, height = size
    mov = path.suffix in (".mp4", ".mov")
    exact = {"movie_timescale": "90000"} if mov else {}  # or a late start is rounded to 1 ms
    with av.open(str(path), "w", container_options=exact) as out:
        out.metadata.update(metadata or {})
        video = out.add_stream(codec, rate=NTSC)
        video.width, video.height, video.pix_fmt = width, height, pixels
        video.codec_context.time_base = time_base
        video.options = {"crf": "12", "preset": "ultrafast", "g": "8"}
        if sample_aspect:
            video.codec_context.sample_aspect_ratio = sample_aspect
        if matrix:
            video.set_display_matrix(matrix)
        if colour:
            context = video.codec_context
            context.colorspace, context.color_primaries = colour[0], colour[1]
            context.color_trc, context.color_range = colour[2], colour[3]
        sounds = []
        for number, name in enumerate(audio):
            sound = out.add_stream(name, rate=48000)
            sound.metadata["language"] = ("eng", "deu", "fra")[number]
            sounds.append(sound)
        words = out.add_stream(subtitle) if subtitle else None
        if words is not None:
            words.codec_context.subtitle_header = b"[Script Info]\nScriptType: v4.00+\n"
        for index, pts in enumerate(times):
            frame = av.VideoFrame.from_ndarray(picture(index, width, height), format="rgb24")
            frame.pts, frame.time_base = pts, time_base
            out.mux(video.encode(frame))
        out.mux(video.encode())
        seconds = float((times[-1] - times[0]) * time_base) + 0.2 if times else 0.5
        for number, sound in enumerate(sounds):
            write_tone(out, sound, seconds, 300 + 200 * number)
        if words is not None:
            for start in (0, 300):
                packet = av.Packet(_words(subtitle, f"at {start} ms"))
                packet.stream, packet.time_base = words, Fraction(1, 1000)
                packet.pts = packet.dts = start
                packet.duration = 200
                out.mux(packet)
    return path


def write_tone(out: av.container.OutputContainer, sound, seconds: float, hertz: float) -> None:
    size = 1024
    for block in range(int(seconds * 48000 / size) + 1):
        t = (np.arange(size) + block * size) / 48000
        wave = (0.3 * np.sin(2 * np.pi * hertz * t)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(np.stack([wave, wave]), format="fltp", layout="stereo")
        frame.pts, frame.sample_rate, frame.time_base = block * size, 48000, Fraction(1, 48000)
        out.mux(sound.encode(frame))
    out.mux(sound.encode())


def _words(codec: str, text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2, "big") + data if codec == "mov_text" else data


def frame_times(path: Path) -> list[Fraction]:
    """When each frame is shown, in exact seconds."""
    with av.open(str(path)) as clip:
        return [frame.pts * frame.time_base for frame in clip.decode(clip.streams.video[0])]


def frames(path: Path) -> list[np.ndarray]:
    """All frames as stored, RGB."""
    with av.open(str(path)) as clip:
        return [f.to_ndarray(format="rgb24") for f in clip.decode(clip.streams.video[0])]


def packets(path: Path, kind: str) -> list[list[tuple[Fraction, Fraction, bytes]]]:
    """For each stream of a kind its packets: when, how long, which bytes."""
    with av.open(str(path)) as clip:
        return [
            [
                (p.pts * p.time_base, p.duration * p.time_base, bytes(p))
                for p in _demux(path, stream.index)
            ]
            for stream in clip.streams
            if stream.type == kind
        ]


def _demux(path: Path, index: int):
    with av.open(str(path)) as clip:
        for packet in clip.demux(clip.streams[index]):
            if packet.size:
                yield packet


def duration(path: Path) -> float:
    """Stated length of the picture stream or, where that is missing, of the file, in seconds."""
    with av.open(str(path)) as clip:
        video = clip.streams.video[0]
        if video.duration is not None:
            return float(video.duration * video.time_base)
        return clip.duration / av.time_base
