from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from clips import frame_times, frames
from waiting import wait_until

from unmask_live import UserError, outputs
from unmask_live.kept_camera import KeptCamera
from unmask_live.outputs import Outputs
from unmask_live.video.capture import Notice, NoticeKind

PICTURE = np.full((32, 48, 3), 90, np.uint8)


class FakeCamera:
    """A virtual camera that remembers; told to, it fails."""

    made: list[FakeCamera]
    refuses = ""

    def __init__(self, size, fps, *, device=None, backend=None):
        if self.refuses:
            raise UserError(self.refuses)
        self.size, self.fps, self.device = size, fps, device
        self.description = f"fake {device}"
        self.sent: list[int] = []
        self.repeats = self.closed = 0
        self.gone = False
        type(self).made.append(self)

    def send(self, image):
        if self.gone:
            raise UserError("the device is gone")
        self.sent.append(int(image[0, 0, 0]))

    def repeat(self):
        self.repeats += 1

    def close(self):
        self.closed += 1


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[FakeCamera]:
    kind = type("FakeCamera", (FakeCamera,), {"made": []})
    monkeypatch.setattr(outputs, "VirtualCamera", kind)
    return kind.made


@pytest.fixture
def told() -> list[Notice]:
    return []


@pytest.fixture
def both(told: list[Notice]) -> Outputs:
    return Outputs(told.append, lambda: 25.0)


def present(both: Outputs, seconds: float, value: int = 90) -> None:
    image = np.full_like(PICTURE, value)
    both.send(image)
    both.write(image, seconds)


def test_nothing_asked_for_is_nothing_done(both, told, made):
    present(both, 0.0)
    both.idle()
    both.close()
    assert (told, made, both.wanted) == ([], [], False)
    assert both.recording is None and both.camera_description is None


def test_a_recording_holds_what_came_while_it_was_wanted(both, told, tmp_path):
    path = tmp_path / "out.mp4"
    present(both, 1.0)
    both.record(path, False)
    assert both.wanted and both.recording is None, "nothing is opened in the asking thread"
    for seconds in (2.0, 2.04, 2.2):
        present(both, seconds)
    assert both.recording == path
    both.record(None, False)
    both.idle()  # no new picture is needed to end it
    present(both, 3.0)
    assert both.recording is None
    assert [float(t) for t in frame_times(path)] == pytest.approx([0.0, 0.04, 0.2], abs=1e-3)
    assert [(n.kind, n.path) for n in told] == [(NoticeKind.INFO, path)]


def test_a_second_recording_ends_the_first(both, told, tmp_path):
    for name in ("one.mp4", "two.mp4"):
        both.record(tmp_path / name, False)
        present(both, 0.0)
        present(both, 0.5)
    both.close()
    assert [len(frames(tmp_path / name)) for name in ("one.mp4", "two.mp4")] == [2, 2]
    assert [n.path.name for n in told] == ["one.mp4", "two.mp4"]


def test_only_the_last_wish_counts(both, told, tmp_path):
    both.record(tmp_path / "one.mp4", False)
    both.record(tmp_path / "two.mp4", False)
    both.record(None, False)
    present(both, 0.0)
    assert (both.recording, told, list(tmp_path.iterdir())) == (None, [], [])


def test_a_recording_that_cannot_be_is_told_and_the_next_one_can(both, told, tmp_path):
    taken = tmp_path / "there.mp4"
    taken.write_bytes(b"mine")
    both.record(taken, False)
    present(both, 0.0)
    assert [n.kind for n in told] == [NoticeKind.WARNING]
    assert "there.mp4" in told[0].text and both.recording is None
    assert taken.read_bytes() == b"mine"
    both.record(taken, True)
    present(both, 1.0)
    both.close()
    assert len(frames(taken)) == 1


def test_a_recording_that_breaks_off_is_told_once(both, told, tmp_path, monkeypatch):
    both.record(tmp_path / "out.mp4", False)
    present(both, 0.0)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(outputs.Recorder, "write", full)
    present(both, 1.0)
    present(both, 2.0)
    assert both.recording is None
    assert [n.kind for n in told] == [NoticeKind.WARNING]


def test_sound_that_was_heard_is_recorded(both, tmp_path):
    tone = np.sin(np.arange(1024) / 10).astype(np.float32)
    path = tmp_path / "out.mp4"

    def sound(seconds: float) -> None:
        frame = av.AudioFrame.from_ndarray(np.stack([tone, tone]), format="fltp", layout="stereo")
        frame.sample_rate = 48000
        both.sound(frame, seconds)

    sound(0.0)  # nobody records yet: heard, and gone
    both.record(path, False)
    for index in range(30):
        present(both, index / 30)
        sound(index / 30)
    both.close()
    with av.open(str(path)) as clip:
        assert len(clip.streams.audio) == 1
        heard = np.concatenate([f.to_ndarray()[0] for f in clip.decode(audio=0)])
    assert np.abs(heard).max() > 0.5


def test_without_sound_there_is_no_sound_track(both, tmp_path):
    both.record(tmp_path / "out.mp4", False)
    present(both, 0.0)
    both.close()
    with av.open(str(tmp_path / "out.mp4")) as clip:
        assert len(clip.streams.audio) == 0


def test_the_virtual_camera_gets_each_picture_and_the_last_one_again(both, told, made):
    present(both, 0.0, 1)
    both.virtual_camera(True, "/dev/video9")
    both.idle()
    assert made == [], "its size is not known before a picture comes"
    present(both, 0.1, 2)
    present(both, 0.2, 3)
    both.idle()
    (camera,) = made
    assert (camera.size, camera.fps, camera.device) == ((48, 32), 25.0, "/dev/video9")
    assert (camera.sent, camera.repeats) == ([2, 3], 1)
    assert both.camera_description == "fake /dev/video9"
    assert [n.kind for n in told] == [NoticeKind.INFO]
    both.virtual_camera(False, None)
    both.idle()
    present(both, 0.3, 4)
    assert (camera.sent, camera.closed, both.camera_description) == ([2, 3], 1, None)


def test_a_virtual_camera_that_cannot_be_is_told(both, told, made, monkeypatch):
    monkeypatch.setattr(outputs.VirtualCamera, "refuses", "load v4l2loopback")
    both.virtual_camera(True, None)
    present(both, 0.0)
    assert told == [Notice(NoticeKind.WARNING, "load v4l2loopback")]
    assert both.camera_description is None and not both.wanted


def test_a_virtual_camera_that_goes_is_told_and_let_go(both, told, made, tmp_path):
    both.virtual_camera(True, None)
    both.record(tmp_path / "out.mp4", False)
    present(both, 0.0)
    made[0].gone = True
    present(both, 1.0)
    assert made[0].closed == 1 and both.camera_description is None
    assert told[-1] == Notice(NoticeKind.WARNING, "the device is gone")
    assert both.recording is not None, "the other goes on"
    both.close()
    assert len(frames(Path(tmp_path / "out.mp4"))) == 2


def test_a_virtual_camera_waits_for_the_rate_it_announces(told, made):
    now, rate = [5.0], [None]
    both = Outputs(told.append, lambda: rate[0], clock=lambda: now[0])
    both.virtual_camera(True, None)
    present(both, 0.0)
    now[0] += 1.0
    present(both, 1.0)
    assert made == [] and both.wanted and both.camera_awaited
    rate[0] = 60.0
    present(both, 1.1)
    assert [camera.fps for camera in made] == [60.0] and not both.camera_awaited


def test_a_rate_that_never_shows_is_not_waited_for_long(told, made):
    now = [5.0]
    both = Outputs(told.append, lambda: None, clock=lambda: now[0])
    both.virtual_camera(True, None)
    present(both, 0.0)
    now[0] += outputs.PATIENCE
    present(both, 2.0)
    assert [camera.fps for camera in made] == [outputs.RATE]


def test_a_kept_camera_goes_from_run_to_run(told, made):
    kept = KeptCamera()
    kept.want(True)
    first = Outputs(told.append, lambda: 25.0, kept=kept)
    first.virtual_camera(True, None)
    present(first, 0.0, 1)
    first.close()
    assert kept.held and not made[0].closed
    wait_until(lambda: made[0].repeats)
    second = Outputs(told.append, lambda: None, kept=kept)
    second.virtual_camera(True, None)
    present(second, 0.0, 2)
    assert len(made) == 1 and made[0].sent == [1, 2] and not kept.held
    second.virtual_camera(False, None)
    second.close()
    assert made[0].closed == 1 and not kept.held, "switched off in the last moment"


def test_closing_twice_closes_once(both, made):
    both.virtual_camera(True, None)
    present(both, 0.0)
    both.close()
    both.close()
    assert made[0].closed == 1
