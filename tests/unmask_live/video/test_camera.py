from __future__ import annotations

from itertools import islice, pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import picture, write_clip
from fake_cameras import MJPG, WEBCAM, Cameras
from timing import FakeTime

from unmask_live.errors import UserError
from unmask_live.video.camera import Camera, open_capture
from unmask_live.video.capture import LiveFrame, Notice, NoticeKind
from unmask_live.video.devices import CameraDevice
from unmask_live.video.returning import SILENT


class Bench:
    """A camera on a clock of its own, and what it said."""

    def __init__(self, *scripts: list[float | None] | None, **options: object) -> None:
        self.time = FakeTime()
        self.cameras = Cameras(self.time, *scripts)
        self.said: list[Notice] = []
        settings = {"again": lambda device: device, "refusal": lambda _: "it is busy"}
        self.camera = Camera(
            WEBCAM,
            opener=self.cameras.open,
            clock=self.time.clock,
            wait=self.time.wait,
            **{**settings, **options},
        )
        self.time.closed = self.camera.closed
        self.camera.on_notice = self.said.append

    def shown(self, count: int) -> list[LiveFrame]:
        return list(islice(self.camera.frames(), count))

    @property
    def kinds(self) -> list[NoticeKind]:
        return [notice.kind for notice in self.said]


def test_pictures_are_rgb_and_timed_by_their_arrival() -> None:
    bench = Bench([0.5, 0.033, 0.034, 0.1])
    shown = bench.shown(4)
    for index, frame in enumerate(shown):
        assert np.array_equal(frame.image, picture(index))
    assert [frame.seconds for frame in shown] == pytest.approx([0, 0.033, 0.067, 0.167])
    assert shown[0].captured == pytest.approx(1000.5)
    assert [frame.index for frame in shown] == [0, 1, 2, 3]


def test_times_rise_even_if_two_pictures_come_at_once() -> None:
    shown = Bench([0.1, 0.0, 0.0, 0.03]).shown(4)
    assert all(later.pts > earlier.pts for earlier, later in pairwise(shown))


def test_mirror_can_be_changed_while_it_runs() -> None:
    bench = Bench([0.03] * 3, mirror=True)
    frames = bench.camera.frames()
    assert np.array_equal(next(frames).image, picture(0)[:, ::-1])
    bench.camera.mirror = False
    assert np.array_equal(next(frames).image, picture(1))


def test_mjpg_is_asked_before_the_size_where_raw_would_not_fit() -> None:
    bench = Bench([0.03])
    bench.shown(1)
    asked = bench.cameras.opened[0].asked
    assert asked[0] == (cv2.CAP_PROP_FOURCC, MJPG)
    assert dict(asked)[cv2.CAP_PROP_FRAME_WIDTH] == 1280
    assert dict(asked)[cv2.CAP_PROP_FRAME_HEIGHT] == 720
    assert dict(asked)[cv2.CAP_PROP_FPS] == 30


@pytest.mark.parametrize(
    ("size", "fps", "compressed"),
    [
        ((640, 480), 30, False),
        ((640, 480), 60, True),
        ((1280, 720), 10, False),
        ((1920, 1080), 30, True),
    ],
)
def test_mjpg_is_asked_by_size_times_rate(
    size: tuple[int, int], fps: float, compressed: bool
) -> None:
    bench = Bench([0.03], size=size, fps=fps)
    bench.shown(1)
    assert ((cv2.CAP_PROP_FOURCC, MJPG) in bench.cameras.opened[0].asked) is compressed


def test_a_camera_without_mjpg_sends_a_size_that_fits_unless_one_is_asked() -> None:
    bench = Bench([0.03])
    bench.cameras.mjpg = False
    bench.shown(1)
    assert dict(bench.cameras.opened[0].asked)[cv2.CAP_PROP_FRAME_WIDTH] == 640
    bench = Bench([0.03], size=(1280, 720))
    bench.cameras.mjpg = False
    bench.shown(1)
    assert dict(bench.cameras.opened[0].asked)[cv2.CAP_PROP_FRAME_WIDTH] == 1280


def test_the_rate_is_measured_not_believed() -> None:
    bench = Bench([1 / 15] * 40 + [1 / 30] * 120)
    frames = bench.camera.frames()
    assert bench.camera.describe() == "1280×720 asked, nothing came yet"
    next(frames)
    assert bench.camera.describe() == "96×64 MJPG, asked 30, not yet measured frames a second"
    list(islice(frames, 39))
    assert bench.camera.describe() == "96×64 MJPG, asked 30, measured 15.0 frames a second"
    list(islice(frames, 120))
    assert "measured 30.0" in bench.camera.describe()


def test_a_few_failed_grabs_are_no_loss() -> None:
    bench = Bench([0.03, None, None, 0.03, None, 0.03])
    assert len(bench.shown(3)) == 3
    assert bench.said == []


def test_unplugged_is_told_once_and_told_again_when_it_is_back() -> None:
    bench = Bench([0.03] * 5, None, None, [], None, [0.03] * 5)
    shown = bench.shown(10)
    assert bench.kinds == [NoticeKind.LOST, NoticeKind.BACK]
    assert bench.said[0].text == (
        "HD Webcam (0) stopped sending pictures: plug it in again, I keep trying."
    )
    assert [frame.index for frame in shown] == list(range(10))
    gaps = [later.seconds - earlier.seconds for earlier, later in pairwise(shown)]
    assert min(gaps) > 0
    assert gaps[4] > 2 * SILENT  # silent before it was told, and once more in between
    assert shown[-1].seconds == pytest.approx(shown[-1].captured - shown[0].captured)
    assert all(capture.released == 1 for capture in bench.cameras.opened[:-1])


def test_silence_counts_after_two_seconds() -> None:
    bench = Bench([0.03, *[None] * 400], [0.03])
    bench.shown(2)
    lost_after = bench.time.now - 1000.03 - 0.25 - 0.03  # less the pause and the second opening
    assert lost_after == pytest.approx(SILENT, abs=0.05)


def test_a_camera_that_is_known_to_be_gone_is_lost_at_once() -> None:
    bench = Bench([0.03], [0.03], present=lambda _: False)
    bench.shown(2)
    assert bench.time.now - 1000 < 0.5
    assert bench.kinds == [NoticeKind.LOST, NoticeKind.BACK]


def test_attempts_come_with_growing_pauses_up_to_two_seconds() -> None:
    bench = Bench([0.03], *[None] * 6, [0.03], present=lambda _: False)
    bench.shown(2)
    assert bench.time.waits == [0.25, 0.5, 1.0, 2.0, 2.0, 2.0, 2.0]


def test_a_camera_back_under_another_number_is_followed() -> None:
    moved = CameraDevice(3, "HD Webcam", "V4L2", "")
    bench = Bench([0.03], None, [0.03], present=lambda _: False, again=lambda _: moved)
    bench.shown(2)
    assert [device.index for device in bench.cameras.devices] == [0, 3, 3]
    bench = Bench([0.03], None, [0.03], present=lambda _: False, again=lambda _: None)
    bench.shown(2)
    assert [device.index for device in bench.cameras.devices] == [0, 0, 0]


def test_another_size_after_the_loss_is_scaled_to_the_first() -> None:
    bench = Bench([0.03], [0.03], present=lambda _: False)
    frames = bench.camera.frames()
    assert next(frames).image.shape == (64, 96, 3)
    opened = bench.cameras.open

    def larger(device: CameraDevice):
        capture = opened(device)
        capture.size = (192, 128)
        return capture

    bench.camera._opener = larger
    assert next(frames).image.shape == (64, 96, 3)


def test_a_camera_that_opens_and_never_sends_is_lost_not_refused() -> None:
    bench = Bench([], None, [0.03])
    assert len(bench.shown(1)) == 1
    assert bench.kinds == [NoticeKind.LOST, NoticeKind.BACK]


def test_a_refusal_is_one_sentence() -> None:
    bench = Bench(None)
    with pytest.raises(UserError, match=r"^it is busy$"):
        bench.shown(1)
    assert bench.cameras.opened[0].released == 1


def test_an_infrared_camera_is_grey_in_three_channels() -> None:
    bench = Bench([0.03] * 2)
    opened = bench.cameras.open

    def grey(device: CameraDevice):
        capture = opened(device)
        capture.grey = True
        return capture

    bench.camera._opener = grey
    image = bench.shown(1)[0].image
    assert image.shape == (64, 96, 3)
    assert np.array_equal(image[..., 0], image[..., 2])


def test_a_driver_that_raises_counts_as_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench([0.03] * 2, [0.03])
    frames = bench.camera.frames()
    next(frames)

    def broken() -> bool:
        raise cv2.error("VIDIOC_DQBUF: no such device")

    monkeypatch.setattr(bench.cameras.opened[0], "grab", broken)
    assert next(frames).index == 1
    assert bench.kinds == [NoticeKind.LOST, NoticeKind.BACK]


@pytest.mark.parametrize("away", [False, True])
def test_close_ends_it_and_lets_the_camera_go(away: bool) -> None:
    bench = Bench([0.03] * 9 if not away else [0.03], *[None] * 9)
    frames = bench.camera.frames()
    next(frames)
    if away:
        bench.camera.on_notice = lambda _: bench.camera.close()
    else:
        bench.camera.close()
    assert list(frames) == []
    assert all(capture.released == 1 for capture in bench.cameras.opened)


def test_leaving_the_iteration_lets_the_camera_go() -> None:
    bench = Bench([0.03] * 9)
    frames = bench.camera.frames()
    next(frames)
    frames.close()  # type: ignore[attr-defined]
    assert bench.cameras.opened[0].released == 1


def test_a_slow_taker_is_no_silence_of_the_camera() -> None:
    bench = Bench([0.03, None, 0.03])
    frames = bench.camera.frames()
    next(frames)
    bench.time.now += 10
    next(frames)
    assert bench.said == []


def test_the_real_capture_is_used_as_the_fakes_are(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.avi", codec="mjpeg", pixels="yuvj444p", audio=())
    time = FakeTime()
    camera = Camera(
        WEBCAM, opener=lambda _: cv2.VideoCapture(str(clip)), clock=time.clock, wait=time.wait
    )
    image = next(camera.frames()).image
    assert (image.shape, image.dtype) == ((64, 96, 3), np.uint8)
    assert np.abs(image.astype(int) - picture(0)).mean() < 12  # with red and blue swapped: 40
    assert camera.describe().startswith("96×64 MJPG, asked 30")


def test_a_camera_that_is_not_there_does_not_open_and_does_not_print(
    capfd: pytest.CaptureFixture[str],
) -> None:
    for backend in ("V4L2", ""):
        capture = open_capture(CameraDevice(63, "nobody's", backend, ""))
        assert not capture.isOpened()
        capture.release()
    assert capfd.readouterr().err == ""
