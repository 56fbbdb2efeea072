from __future__ import annotations

import os
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from clips import frame_times, frames, picture

from unmask_live.errors import UserError
from unmask_live.video.recorder import Recorder
from unmask_live.video.recording import CLOCK
from unmask_live.video.sink import COMMENT
from unmask_live.video.sound_track import RATE

SIZE = (96, 64)
UNEVEN = (0.016, 0.0334, 0.12, 0.0333, 0.05, 0.067)


def times(count: int, start: float = 0.0) -> list[float]:
    """Steps of 16 to 120 ms, as a camera in the dark and a busy machine make them."""
    found = [start]
    for index in range(count - 1):
        found.append(found[-1] + UNEVEN[index % len(UNEVEN)])
    return found


def record(path: Path, shown: list[float], **options: object) -> Recorder:
    recorder = Recorder(path, SIZE, **options)
    for index, seconds in enumerate(shown):
        recorder.write(picture(index), seconds)
    recorder.close()
    return recorder


def distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other).mean())


def test_times_are_true_and_begin_at_0(tmp_path: Path) -> None:
    shown = times(100, start=1234.567)
    recorder = record(tmp_path / "a.mp4", shown)
    wanted = [round((t - shown[0]) / CLOCK) * CLOCK for t in shown]
    assert frame_times(tmp_path / "a.mp4") == wanted
    assert (recorder.frames, recorder.seconds) == (100, float(wanted[-1]))


def test_mkv_times_are_true_to_the_millisecond(tmp_path: Path) -> None:
    shown = times(60)
    record(tmp_path / "a.mkv", shown)
    for found, wanted in zip(frame_times(tmp_path / "a.mkv"), shown, strict=True):
        assert abs(found - wanted) <= 0.00051


def test_pictures_are_the_given_ones_with_tagged_colours(tmp_path: Path) -> None:
    record(tmp_path / "a.mp4", times(40))
    with av.open(str(tmp_path / "a.mp4")) as clip:
        assert clip.metadata["comment"] == COMMENT
        found = list(clip.decode(video=0))
        context = clip.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc) == (1, 1, 1)
        assert int(context.color_range) == 1
    for index in (0, 17, 39):
        image = found[index].to_ndarray(format="rgb24", src_colorspace=1)
        assert distance(image, picture(index)) < 5


def test_one_can_seek_in_a_closed_recording(tmp_path: Path) -> None:
    shown = times(200)
    record(tmp_path / "a.mp4", shown)
    with av.open(str(tmp_path / "a.mp4")) as clip:
        video = clip.streams.video[0]
        assert abs(float(video.duration * video.time_base) - shown[-1]) < 0.1
        assert video.frames == 200
        clip.seek(round(6.5 / video.time_base), stream=video)
        first = next(clip.decode(video))
        assert 5.3 <= first.pts * first.time_base <= 6.5, "a keyframe each second"


@pytest.mark.parametrize("size", [(97, 64), (96, 65), (97, 65), (1, 1)])
def test_odd_sizes_grow_by_one(tmp_path: Path, size: tuple[int, int]) -> None:
    width, height = size
    image = picture(0)[:height, :width] if width < 97 and height < 65 else picture(0, *size)
    recorder = Recorder(tmp_path / "a.mp4", size)
    recorder.write(image, 0)
    recorder.close()
    (found,) = frames(tmp_path / "a.mp4")
    assert found.shape == (height + height % 2, width + width % 2, 3)
    assert distance(found[:height, :width], image) < 8


def test_a_picture_of_another_size_is_fitted(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.mp4", SIZE)
    recorder.write(picture(0), 0.0)
    recorder.write(np.full((64, 32, 3), 200, np.uint8), 0.1)
    recorder.close()
    found = frames(tmp_path / "a.mp4")[1]
    assert distance(found[:, 34:62], np.full((64, 28, 3), 200)) < 6
    assert distance(found[:, :28], np.zeros((64, 28, 3))) < 6


def test_times_that_do_not_rise_are_dropped(tmp_path: Path) -> None:
    recorder = record(tmp_path / "a.mp4", [5.0, 5.1, 5.1, 5.05, 5.2, 3.0, 5.3])
    assert recorder.frames == 4
    found = [float(t) for t in frame_times(tmp_path / "a.mp4")]
    assert found == pytest.approx([0, 0.1, 0.2, 0.3], abs=1e-4)


def test_refuses_in_one_sentence(tmp_path: Path) -> None:
    old = tmp_path / "old.mp4"
    old.write_bytes(b"precious")
    for path, why in (
        (old, "use --force"),
        (tmp_path / "none" / "a.mp4", "there is no folder"),
        (tmp_path / "a.avi", "use .mp4 or .mkv"),
        (tmp_path / "a", "use .mp4 or .mkv"),
        (tmp_path / ("n" * 300 + ".mp4"), "name too long"),
    ):
        with pytest.raises(UserError, match=r"(?i)" + why):
            Recorder(path, SIZE)
    assert old.read_bytes() == b"precious"
    assert [path.name for path in tmp_path.iterdir()] == ["old.mp4"]
    record(old, times(5), force=True)
    assert len(frames(old)) == 5


def test_nothing_recorded_leaves_no_file_and_closing_twice_is_fine(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.mp4", SIZE, sound=True)
    recorder.sound(tone(0.0, 0.1), 0.0)
    assert recorder.close() == recorder.close() == tmp_path / "a.mp4"
    assert not (tmp_path / "a.mp4").exists()
    recorder = record(tmp_path / "b.mp4", times(3))
    assert recorder.close() == tmp_path / "b.mp4"
    with pytest.raises(ValueError, match="is over"):
        recorder.write(picture(0), 9.0)


KILLED = """
import sys, time
sys.path[:0] = {paths!r}
from pathlib import Path
from clips import picture
from unmask_live.video.recorder import Recorder
from test_recorder import SIZE, times, tone
recorder = Recorder(Path({path!r}), SIZE, sound=True)
for index, seconds in enumerate(times(130)):
    recorder.sound(tone(seconds, 0.05), seconds)
    recorder.write(picture(index), seconds)
print(seconds, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_plays_after_a_kill(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    here = Path(__file__).resolve()
    paths = [str(here.parent), str(here.parents[2]), str(here.parents[3])]
    program = KILLED.format(paths=paths, path=str(path))
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    reached = float(child.stdout.readline())
    child.send_signal(signal.SIGKILL)
    assert child.wait(10) == -signal.SIGKILL
    child.stdout.close()
    kept, wanted = frame_times(path), times(130)
    assert reached > 6
    assert kept[-1] > reached - 2.5
    for found, true in zip(kept, wanted, strict=False):
        assert abs(found - true) <= (Fraction(1, 90000) if suffix == ".mp4" else 0.00051)
    assert distance(frames(path)[50], picture(50)) < 12, "decoded with the guessed BT.601"
    with av.open(str(path)) as clip:
        heard = sum(frame.samples for frame in clip.decode(audio=0)) / RATE
    assert heard > reached - 2.5


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_full_disk_says_what_is_kept(tmp_path: Path, suffix: str) -> None:
    import resource

    path = tmp_path / f"a{suffix}"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    noise = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    recorder = Recorder(path, SIZE, sound=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, before[1]))
    try:
        with pytest.raises(UserError, match="disk is full") as caught:
            for index in range(2000):
                recorder.write(np.roll(noise, 7 * index, axis=(0, 1)), index / 30)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    said = str(caught.value)
    assert str(path) in said
    promised = float(said.split("about ")[1].split(" s ")[0])
    assert promised >= 1
    assert frame_times(path)[-1] >= promised - 0.1, "and all that is there can be decoded"
    assert recorder.close() == path
    assert path.stat().st_size <= 600_000


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
def test_a_disk_that_fills_up_while_the_index_is_written_costs_nothing(tmp_path: Path) -> None:
    import resource

    record(tmp_path / "whole.mp4", times(90))
    size = (tmp_path / "whole.mp4").stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    recorder = Recorder(tmp_path / "a.mp4", SIZE)
    for index, seconds in enumerate(times(90)):
        recorder.write(picture(index), seconds)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size - 100, before[1]))
    try:
        with pytest.raises(UserError, match="disk is full"):
            recorder.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert frame_times(tmp_path / "a.mp4") == frame_times(tmp_path / "whole.mp4")


def tone(start: float, length: float, *, rate: int = RATE, at: tuple[float, ...] = ()):
    """Silence with a click of 10 ms at some times, as a device of ``rate`` hands it over."""
    t = start + np.arange(round(length * rate)) / rate
    wave = np.zeros(t.shape, np.float32)
    for click in (mark for mark in at if start - 0.01 < mark < start + length):
        wave[(t >= click) & (t < click + 0.01)] = 0.9
    frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
    frame.sample_rate = rate
    return frame


def clicks(path: Path) -> list[float]:
    with av.open(str(path)) as clip:
        found: list[float] = []
        for frame in clip.decode(audio=0):
            loud = np.nonzero(np.abs(frame.to_ndarray()[0]) > 0.25)[0]
            if loud.size:
                at = float(frame.pts * frame.time_base) + loud[0] / frame.sample_rate
                if not found or at - found[-1] > 0.1:
                    found.append(at)
        return found


def flashes(path: Path) -> list[float]:
    with av.open(str(path)) as clip:
        found = []
        for frame in clip.decode(video=0):
            if frame.to_ndarray(format="gray").mean() > 150:
                found.append(float(frame.pts * frame.time_base))
        return found


def with_clapper(
    path: Path, seconds: float, *, fast: float = 1.0, rate: int = RATE, gap: tuple = (0, 0)
) -> list[float]:
    """Record a flash and a click every second, the sound from a device whose clock runs off.

    Its times are true, as capture stamps them: only it delivers ``fast`` times too many samples.
    """
    start, marks = 50.0, [float(mark) for mark in range(1, int(seconds))]
    recorder = Recorder(path, SIZE, sound=True, rate=10)
    heard = 0.0
    for index in range(round(seconds * 10)):
        now = index / 10
        while heard < now + 0.2:
            if not gap[0] <= heard < gap[1]:
                piece = tone(heard, 0.04, rate=rate * fast, at=tuple(marks))
                piece.sample_rate = rate
                recorder.sound(piece, start + heard)
            heard = round(heard + 0.04, 6)
        bright = any(abs(now - mark) < 0.001 for mark in marks)
        recorder.write(np.full((64, 96, 3), 255 if bright else 20, np.uint8), start + now)
    recorder.close()
    return marks


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("rate", [48000, 44100, 16000])
def test_sound_and_picture_are_in_step(tmp_path: Path, suffix: str, rate: int) -> None:
    path = tmp_path / f"a{suffix}"
    marks = with_clapper(path, 6, rate=rate)
    assert flashes(path) == pytest.approx(marks, abs=0.001)
    assert clicks(path) == pytest.approx(marks, abs=0.004)


@pytest.mark.parametrize("fast", [1.004, 0.996])
def test_a_drifting_device_stays_in_step(tmp_path: Path, fast: float) -> None:
    """0.4 % would be a quarter of a second in the end."""
    marks = with_clapper(tmp_path / "a.mp4", 60, fast=fast)
    assert flashes(tmp_path / "a.mp4") == pytest.approx(marks, abs=0.001)
    assert clicks(tmp_path / "a.mp4") == pytest.approx(marks, abs=0.012)


def test_a_gap_becomes_silence(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    marks = with_clapper(path, 8, gap=(2.5, 4.5))
    assert flashes(path) == pytest.approx(marks, abs=0.001)
    assert clicks(path) == pytest.approx([1, 2, 5, 6, 7], abs=0.004)


def test_sound_that_never_comes_is_silence_of_the_pictures_length(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.mp4", SIZE, sound=True)
    for index in range(90):
        recorder.write(picture(index), index / 30)
    recorder.close()
    with av.open(str(tmp_path / "a.mp4")) as clip:
        heard = [frame.to_ndarray() for frame in clip.decode(audio=0)]
    assert sum(part.shape[1] for part in heard) / RATE == pytest.approx(3, abs=0.03)
    assert max(np.abs(part).max() for part in heard) < 1e-3


def test_sound_does_not_outlast_the_pictures_and_waits_in_a_bounded_row(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.mp4", SIZE, sound=True)
    recorder.write(picture(0), 0.0)
    for index in range(5000):
        recorder.sound(tone(index * 0.02, 0.02), index * 0.02)
    assert len(recorder._pieces) < 1000
    recorder.write(picture(1), 100.0)
    recorder.close()
    with av.open(str(tmp_path / "a.mp4")) as clip:
        heard = sum(frame.samples for frame in clip.decode(audio=0)) / RATE
    assert heard == pytest.approx(100.03, abs=0.03)
