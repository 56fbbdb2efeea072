from __future__ import annotations

import av
import numpy as np
import pytest

from unmask_live.video.sound_track import BLOCK, RATE, SoundTrack


def sine(start: float, length: float, *, rate: int = RATE, hertz: float = 200.0) -> av.AudioFrame:
    t = start + np.arange(round(length * rate)) / rate
    wave = (0.5 * np.sin(2 * np.pi * hertz * t)).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
    frame.sample_rate = rate
    return frame


def laid(track: SoundTrack) -> np.ndarray:
    blocks = list(track.blocks(all_of_it=True))
    assert all(block.shape == (2, BLOCK) and block.dtype == np.float32 for block in blocks)
    return np.concatenate(blocks, axis=1) if blocks else np.zeros((2, 0), np.float32)


def loud_from(sound: np.ndarray) -> float:
    return float(np.nonzero(np.abs(sound[0]) > 0.01)[0][0]) / RATE


def test_nothing_comes_of_nothing() -> None:
    track = SoundTrack()
    assert laid(track).shape == (2, 0)
    track.fill(0.0)
    track.cut(0.0)
    assert laid(track).shape == (2, 0)


def test_blocks_come_when_they_are_full_and_the_rest_when_asked() -> None:
    track = SoundTrack()
    track.add(sine(0, 1500 / RATE), 0.0)
    assert len(list(track.blocks())) == 1
    assert list(track.blocks()) == []
    (last,) = track.blocks(all_of_it=True)
    assert last[0, :476].any()
    assert not last[0, 476:].any()
    assert track.length == 2 * BLOCK


@pytest.mark.parametrize("start", [0.0, 0.01, 0.5, -0.1])
def test_begins_where_its_time_says(start: float) -> None:
    track = SoundTrack()
    track.add(sine(0, 0.3), start)
    sound = laid(track)
    assert loud_from(sound) == pytest.approx(max(0.0, start), abs=0.001)
    assert track.length / RATE == pytest.approx(start + 0.3, abs=BLOCK / RATE)


def test_sound_that_comes_too_late_is_left_out() -> None:
    track = SoundTrack()
    track.fill(1.0)
    track.add(sine(0, 0.5), 0.2)
    assert track.length == RATE
    track.add(sine(0, 0.5), 0.8)
    assert track.length / RATE == pytest.approx(1.3, abs=0.001)
    assert loud_from(laid(track)) == pytest.approx(1.0, abs=0.001)


def test_cut_takes_off_the_end() -> None:
    track = SoundTrack()
    track.add(sine(0, 2), 0.0)
    track.cut(1.5)
    assert track.length == 1.5 * RATE
    track.cut(1.8)
    assert track.length == 1.5 * RATE
    assert laid(track).shape[1] == pytest.approx(1.5 * RATE, abs=BLOCK)


@pytest.mark.parametrize("fast", [1.0, 1.002, 0.998])
def test_stretching_is_not_heard(fast: float) -> None:
    """A sine of 200 Hz bends by 0.0003 from sample to sample; a click would by a hundred times."""
    track = SoundTrack()
    for index in range(500):
        piece = sine(index * 0.02, 0.02, rate=round(RATE * fast))
        piece.sample_rate = RATE
        track.add(piece, index * 0.02)
    assert track.length / RATE == pytest.approx(10, abs=0.01)
    sound = laid(track)[0][: int(9.9 * RATE)]
    assert np.abs(np.diff(sound, 2)).max() < 0.003
    crossings = np.count_nonzero(np.diff(np.signbit(sound)))
    assert crossings == pytest.approx(2 * 200 * 9.9, abs=6)


def test_times_that_jitter_leave_the_sound_as_it_is() -> None:
    track, random = SoundTrack(), np.random.default_rng(0)
    for index in range(500):
        track.add(sine(index * 0.02, 0.02), index * 0.02 + random.uniform(0, 0.012))
        assert track.length / RATE == pytest.approx((index + 1) * 0.02, abs=0.015)
    assert np.abs(np.diff(laid(track)[0, 1000 : int(9.9 * RATE)], 2)).max() < 0.003


def test_another_format_midway() -> None:
    track = SoundTrack()
    track.add(sine(0, 0.5), 0.0)
    stereo = np.zeros((1, 2 * 22050), np.int16)
    stereo[0, ::2] = 16000
    frame = av.AudioFrame.from_ndarray(stereo, format="s16", layout="stereo")
    frame.sample_rate = 22050
    track.add(frame, 0.5)
    sound = laid(track)
    assert track.length / RATE == pytest.approx(1.5, abs=0.03)
    assert sound[0, int(1.2 * RATE)] == pytest.approx(16000 / 32768, abs=0.01)
    assert sound[1, int(1.2 * RATE)] == pytest.approx(0, abs=0.01)
