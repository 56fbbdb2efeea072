from __future__ import annotations

from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from clips import NTSC, frame_times, picture, steady, uneven, write_clip, write_tone
from timing import FakeTime

from unmask_live.errors import UserError
from unmask_live.video.capture import LiveFrame, open_live
from unmask_live.video.playback import Playback, StillPicture, open_file


def play(path: Path, count: int, **options: object) -> tuple[list[LiveFrame], FakeTime, Playback]:
    time = FakeTime()
    source = Playback(path, label="clip", clock=time.clock, wait=time.wait, **options)
    time.closed = source.closed
    return list(islice(source.frames(), count)), time, source


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_plays_in_real_time_by_the_times_of_a_variable_rate(tmp_path: Path, suffix: str) -> None:
    times, base = uneven(12)
    clip = write_clip(tmp_path / f"clip{suffix}", times=times, time_base=base, audio=())
    shown, time, _ = play(clip, 12)
    expected = [float(at - frame_times(clip)[0]) for at in frame_times(clip)]
    assert [frame.seconds for frame in shown] == pytest.approx(expected, abs=1e-6)
    assert [frame.captured - 1000 for frame in shown] == pytest.approx(expected, abs=1e-6)
    assert time.now - 1000 == pytest.approx(expected[-1], abs=1e-6)


def test_loops_without_a_jump_in_time(tmp_path: Path) -> None:
    times, base = steady(5)
    shown, _, _ = play(write_clip(tmp_path / "clip.mp4", times=times, time_base=base), 17)
    gaps = [later.seconds - earlier.seconds for earlier, later in pairwise(shown)]
    assert gaps == pytest.approx([float(base)] * 16, abs=1e-4)
    assert [frame.index for frame in shown] == list(range(17))
    assert np.array_equal(shown[0].image, shown[5].image)
    assert not np.array_equal(shown[0].image, shown[4].image)


def test_the_first_frame_is_at_zero_wherever_the_file_begins(tmp_path: Path) -> None:
    times = [900 + 30 * n for n in range(6)]
    clip = write_clip(tmp_path / "late.mkv", times=times, time_base=Fraction(1, 1000), audio=())
    shown, time, _ = play(clip, 1)
    assert (shown[0].pts, time.waits) == (0, [0.0])


def test_hands_on_sound_in_step_and_across_the_loop(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mkv", times=list(range(10)), time_base=Fraction(1, 25))
    time = FakeTime()
    source = Playback(clip, label="clip", clock=time.clock, wait=time.wait)
    heard: list[tuple[av.AudioFrame, float, float]] = []
    shown: list[LiveFrame] = []
    source.on_sound = lambda frame, at: heard.append((frame, at, time.now - 1000))
    shown.extend(islice(source.frames(), 25))
    starts = [at for _, at, _ in heard]
    assert starts == sorted(starts)
    assert starts[0] < 0.03
    assert starts[-1] == pytest.approx(shown[-1].seconds, abs=0.07)
    lengths = [frame.samples / frame.sample_rate for frame, _, _ in heard]
    assert sum(lengths) == pytest.approx(1.0, abs=0.1)  # 25 frames of 40 ms, none lost or doubled
    ahead = [at - now for _, at, now in heard]
    assert max(ahead) <= 0.04 + 1e-6  # never more than the picture that is on
    assert min(ahead) >= -0.07


def test_nobody_listens_and_no_sound_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(*_: object) -> None:
        raise AssertionError("sound was opened")

    monkeypatch.setattr("unmask_live.video.playback.FileSound", opened)
    clip = write_clip(tmp_path / "clip.mp4")
    assert len(play(clip, 30)[0]) == 30


def test_a_silent_file_plays_for_a_listener_too(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", audio=())
    time = FakeTime()
    source = Playback(clip, label="clip", clock=time.clock, wait=time.wait)
    heard: list[float] = []
    source.on_sound = lambda _, at: heard.append(at)
    assert len(list(islice(source.frames(), 25))) == 25
    assert heard == []


def test_goes_on_from_now_after_a_stall(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "c.mp4", times=list(range(8)), time_base=Fraction(1, 25), audio=())
    time = FakeTime()
    source = Playback(clip, label="clip", clock=time.clock, wait=time.wait)
    frames = source.frames()
    list(islice(frames, 3))
    time.now += 60  # the computer slept
    woken = next(frames)
    assert woken.captured == time.now
    assert woken.seconds == pytest.approx(0.12)
    assert next(frames).captured == pytest.approx(woken.captured + 0.04)


def test_a_little_late_catches_up_and_leaves_none_out(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "c.mp4", times=list(range(8)), time_base=Fraction(1, 25), audio=())
    time = FakeTime()
    source = Playback(clip, label="clip", clock=time.clock, wait=time.wait)
    frames = source.frames()
    first = next(frames)
    time.now += 0.1
    rest = list(islice(frames, 4))
    assert [frame.index for frame in rest] == [1, 2, 3, 4]
    assert rest[-1].captured == pytest.approx(first.captured + 0.16)


def test_close_ends_it_while_it_waits(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "c.mp4", times=[0, 1000], time_base=Fraction(1, 10), audio=())
    source = Playback(clip, label="clip")
    frames = source.frames()
    next(frames)
    source.close()
    source.close()
    assert list(frames) == []


def test_mirrors_if_asked_and_when_asked(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", audio=())
    plain = play(clip, 1)[0][0].image
    shown, _, _ = play(clip, 1, mirror=True)
    assert np.array_equal(shown[0].image, plain[:, ::-1])
    assert not np.array_equal(plain, plain[:, ::-1])


def test_a_clip_that_breaks_off_is_played_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.mkv", audio=())
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * 0.7)])
    shown, _, _ = play(cut, 40)
    assert len(shown) == 40
    assert all(later.pts > earlier.pts for earlier, later in pairwise(shown))


def test_a_clip_of_one_frame_stands(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "one.mp4", times=[0], time_base=1 / NTSC, audio=())
    shown, _, _ = play(clip, 3)
    assert [round(frame.seconds, 3) for frame in shown] == [0.0, 0.033, 0.067]


def test_a_file_that_goes_away_is_told(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "c.mp4", times=list(range(4)), time_base=Fraction(1, 25), audio=())
    time = FakeTime()
    source = Playback(clip, label="clip", clock=time.clock, wait=time.wait)
    clip.unlink()
    with pytest.raises(UserError, match="there is no file"):
        next(source.frames())


def test_describes_what_it_holds(tmp_path: Path) -> None:
    source = open_file(write_clip(tmp_path / "clip.mp4"))
    assert source.describe() == "96×64 h264, 29.97 frames a second"
    assert source.label == "clip.mp4"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.mp4", b"", "is empty"),
        ("noise.mp4", b"no video at all" * 99, "not a video"),
        ("noise.png", b"no picture at all", "not a picture"),
        ("empty.png", b"", "is empty"),
    ],
)
def test_says_what_is_wrong_with_a_file(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UserError, match=said):
        open_live(str(path))


def test_folders_and_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is a folder: choose one"):
        open_live(str(tmp_path))
    with pytest.raises(UserError, match="there is no file"):
        open_live(str(tmp_path / "missing.mp4"))
    with pytest.raises(UserError, match="there is no file"):
        open_live("missing.mov")


def test_a_song_is_no_camera(tmp_path: Path) -> None:
    song = tmp_path / "song.mka"
    with av.open(str(song), "w") as out:
        write_tone(out, out.add_stream("aac", rate=48000), 0.3, 440)
    with pytest.raises(UserError, match="no moving picture"):
        open_live(str(song))


def test_a_picture_comes_thirty_times_a_second(tmp_path: Path) -> None:
    path = tmp_path / "still.png"
    cv2.imwrite(str(path), cv2.cvtColor(picture(3), cv2.COLOR_RGB2BGR))
    time = FakeTime()
    source = StillPicture(path, clock=time.clock, wait=time.wait)
    shown = list(islice(source.frames(), 31))
    assert np.array_equal(shown[30].image, picture(3))
    assert shown[30].seconds == pytest.approx(1.0, abs=1e-5)
    assert shown[30].captured == pytest.approx(1001.0)
    assert source.describe() == "96×64 picture, 30 frames a second"
    source = StillPicture(path, fps=10, mirror=True, clock=time.clock, wait=time.wait)
    shown = list(islice(source.frames(), 11))
    assert shown[10].seconds == pytest.approx(1.0, abs=1e-5)
    assert np.array_equal(shown[0].image, picture(3)[:, ::-1])
    source.close()
    assert list(source.frames()) == []


def test_the_shipped_clip_is_a_camera() -> None:
    source = open_live("demo")
    assert source.label == "demo clip"
    frame = next(source.frames())
    assert frame.image.shape == (720, 1280, 3)
    assert (frame.pts, frame.index) == (0, 0)
