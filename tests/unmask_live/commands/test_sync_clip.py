from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from clips import write_clip

from unmask_live.commands import sync_clip
from unmask_live.video.playback import Playback
from unmask_live.video.recorder import Recorder


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sync")
    path = folder / "clicks.mp4"
    sync_clip.write_sync_clip(path, write_clip(folder / "pictures.mp4"))
    return path


@pytest.mark.parametrize("number", [0, 1, 299, 1023])
def test_a_number_is_read_back(number: int) -> None:
    image = np.full((90, 320, 3), 90, np.uint8)
    told = sync_clip.numbered(image, number)
    assert sync_clip.read_number(told) == number
    assert (image == 90).all()


def test_the_clip_itself_has_no_skew(clip: Path) -> None:
    found = sync_clip.skews(clip)
    assert found
    # An encoder's own delay stays: less than half a frame.
    assert max(abs(skew) for _, skew in found) < 0.5 / sync_clip.RATE


@pytest.mark.parametrize("late", [0.0, 0.2])
def test_late_sound_is_told(clip: Path, tmp_path: Path, late: float) -> None:
    """A recording whose sound is put later by so much shows the picture ahead by as much."""
    now = 0.0

    def wait(seconds: float) -> bool:  # nothing really waits
        nonlocal now
        now += seconds
        return False

    source = Playback(clip, label="clicks", clock=lambda: now, wait=wait)
    recorder = Recorder(tmp_path / "out.mp4", (1280, 720), sound=True)
    source.on_sound = lambda frame, seconds: recorder.sound(frame, seconds + late)
    for frame in source.frames():
        recorder.write(frame.image, frame.seconds)
        if frame.seconds > 3:
            source.close()
    recorder.close()
    found = sync_clip.skews(tmp_path / "out.mp4")
    assert len(found) >= 2
    skew = float(np.median([s for _, s in found]))
    assert skew == pytest.approx(late, abs=1.0 / sync_clip.RATE)


def test_a_recording_without_sound_has_no_clicks(tmp_path: Path) -> None:
    assert sync_clip.skews(write_clip(tmp_path / "silent.mp4", audio=())) == []
