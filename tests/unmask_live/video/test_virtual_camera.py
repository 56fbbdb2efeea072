from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import pyvirtualcam
from clips import picture
from pyvirtualcam.util import decode_fourcc

from unmask_live.errors import UserError
from unmask_live.video.virtual_camera import VirtualCamera

SIZE = (96, 64)


class Device:
    """A backend as pyvirtualcam calls it, that keeps what it was sent."""

    takes = ("raw ",)
    """libyuv's codes of the layouts it takes; "raw " is RGB."""
    opened: list[Device]
    refuse: str | None = None
    fail: str | None = None

    def __init__(self, *, width: int, height: int, fps: float, fourcc: int, device: str | None):
        if self.refuse is not None:
            raise RuntimeError(self.refuse)
        if decode_fourcc(fourcc) not in self.takes:
            raise RuntimeError("Unsupported image format.")
        self.size, self.fps, self.name = (width, height), fps, device or "/dev/video10"
        self.frames: list[np.ndarray] = []
        self.closed = 0
        self.opened.append(self)

    def send(self, frame: np.ndarray) -> None:
        if self.fail is not None:
            raise RuntimeError(self.fail)
        assert not self.closed
        self.frames.append(frame.copy())

    def close(self) -> None:
        self.closed += 1

    def device(self) -> str:
        return self.name

    def native_fourcc(self) -> None:
        return None


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Callable[..., type[Device]]:
    """Make pyvirtualcam know backends of ours alone; each call adds one."""
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})

    def add(name: str = "ours", **traits: object) -> type[Device]:
        kind = type("Ours", (Device,), {"opened": [], **traits})
        pyvirtualcam.register_backend(name, kind)
        return kind

    return add


def shown(frame: np.ndarray, size: tuple[int, int] = SIZE) -> np.ndarray:
    return frame.reshape(size[1], size[0], 3)


def open_camera(root: Path, **options: object) -> VirtualCamera:
    return VirtualCamera(SIZE, 30, root=root, **options)


def test_sends_what_it_is_given_and_repeats_the_last(register: Callable, tmp_path: Path) -> None:
    kind = register()
    camera = VirtualCamera(SIZE, 29.97, device="/dev/video7", root=tmp_path)
    camera.repeat()
    (device,) = kind.opened
    assert (device.size, device.fps, device.frames) == (SIZE, 29.97, [])
    assert camera.description == "ours /dev/video7, 96×64 RGB, 29.97 frames a second"
    for index in range(3):
        camera.send(picture(index))
    camera.repeat()
    assert len(device.frames) == 4
    for frame, index in zip(device.frames, (0, 1, 2, 2), strict=True):
        np.testing.assert_array_equal(shown(frame), picture(index))
    camera.close()
    camera.close()
    assert device.closed == 1
    camera.repeat()
    with pytest.raises(ValueError, match="is closed"):
        camera.send(picture(0))
    assert len(device.frames) == 4


def test_other_sizes_are_fitted_and_odd_ones_lose_a_pixel(
    register: Callable, tmp_path: Path
) -> None:
    kind = register()
    VirtualCamera((97, 65), 0.0, root=tmp_path).send(picture(0, 97, 65))
    assert (kind.opened[0].size, kind.opened[0].fps) == (SIZE, 30.0)
    camera = open_camera(tmp_path)
    camera.send(np.full((64, 32, 3), 200, np.uint8))
    frame = shown(kind.opened[1].frames[0])
    assert (frame[:, 32:64] == 200).all()
    assert not frame[:, :32].any()
    assert not frame[:, 64:].any()


def to_rgb(frame: np.ndarray, code: str) -> np.ndarray:
    """Decode without what encoded it: BT.601 by its definition."""
    width, height = SIZE
    y = frame[: width * height].reshape(height, width).astype(float)
    if code == "I420":
        u, v = frame[width * height :].reshape(2, height // 2, width // 2)
    elif code == "NV12":
        u, v = frame[width * height :].reshape(height // 2, width // 2, 2).transpose(2, 0, 1)
    else:
        pairs = frame.reshape(height, width // 2, 4)
        pairs = pairs if code == "YUY2" else pairs[..., [1, 0, 3, 2]]
        y = pairs[..., [0, 2]].reshape(height, width).astype(float)
        u, v = pairs[::2, :, 1], pairs[::2, :, 3]
    u, v = (c.astype(float).repeat(2, 0).repeat(2, 1) - 128 for c in (u, v))
    y = 1.164 * (y - 16)
    return np.stack([y + 1.596 * v, y - 0.392 * u - 0.813 * v, y + 2.017 * u], axis=2)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("24BG", "BGR"),
        ("ABGR", "RGBA"),
        ("I420", "I420"),
        ("NV12", "NV12"),
        ("YUY2", "YUYV"),
        ("UYVY", "UYVY"),
    ],
)
def test_falls_back_to_the_layout_that_the_device_takes(
    register: Callable, tmp_path: Path, code: str, name: str
) -> None:
    kind = register(takes=(code,))
    camera = open_camera(tmp_path)
    assert name in camera.description
    image = np.full((64, 96, 3), (200, 120, 40), np.uint8)
    image[:, 48:] = (20, 60, 180)
    camera.send(image)
    frame = kind.opened[0].frames[0]
    if code == "24BG":
        np.testing.assert_array_equal(shown(frame)[..., ::-1], image)
    elif code == "ABGR":
        np.testing.assert_array_equal(frame.reshape(64, 96, 4)[..., :3], image)
        assert (frame.reshape(64, 96, 4)[..., 3] == 255).all()
    else:
        assert np.abs(to_rgb(frame, code) - image).max() < 5


def test_takes_the_next_backend_when_one_refuses(register: Callable, tmp_path: Path) -> None:
    register("first", refuse="Is not installed. See the manual.")
    kind = register("second")
    assert open_camera(tmp_path).description.startswith("second ")
    assert len(kind.opened) == 1


@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
def test_an_error_names_each_reason_and_the_fix_for_the_system(
    register: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    register("first", refuse="Is not installed. See the manual.")
    register("second", refuse="Out of\nluck")
    monkeypatch.setattr(sys, "platform", system)
    with pytest.raises(UserError) as caught:
        open_camera(tmp_path)
    said = str(caught.value)
    assert "(first: Is not installed; second: Out of luck): " in said
    fix = {"linux": "sudo modprobe v4l2loopback", "win32": "Unity Capture", "darwin": "OBS 30"}
    assert fix[system] in said
    with pytest.raises(UserError, match="there is no virtual camera 'third' here: use first"):
        open_camera(tmp_path, backend="third")
    with pytest.raises(UserError) as caught:
        open_camera(tmp_path, backend="second")
    assert "first" not in str(caught.value)


def test_without_pyvirtualcam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    with pytest.raises(UserError, match=r"is missing: pip install 'unmask-live\[virtual-camera\]'"):
        open_camera(tmp_path)


def test_a_device_that_fails_midway_is_opened_again(register: Callable, tmp_path: Path) -> None:
    kind, clock = register(), Clock()
    camera = open_camera(tmp_path, clock=clock)
    camera.send(picture(0))
    kind.fail = "the consumer has left"
    camera.send(picture(1))
    kind.fail = None
    camera.send(picture(2))
    assert len(kind.opened) == 1, "not before a moment has passed"
    clock.now += 0.3
    camera.repeat()
    camera.send(picture(3))
    first, second = kind.opened
    assert (first.closed, second.closed) == (1, 0)
    assert len(first.frames) == 1
    for frame, index in zip(second.frames, (2, 3), strict=True):
        np.testing.assert_array_equal(shown(frame), picture(index))


def send_until_given_up(camera: VirtualCamera, clock: Clock) -> tuple[str, float]:
    begun = clock.now
    with pytest.raises(UserError) as caught:
        for _ in range(10_000):
            camera.send(picture(0))
            clock.now += 1 / 30
    return str(caught.value), clock.now - begun


def test_a_device_that_stays_gone_is_given_up(register: Callable, tmp_path: Path) -> None:
    kind, clock = register(), Clock()
    camera = open_camera(tmp_path, clock=clock)
    camera.send(picture(0))
    kind.refuse = kind.fail = "No such device"
    said, spent = send_until_given_up(camera, clock)
    assert "No such device" in said
    assert 5 < spent < 10
    with pytest.raises(ValueError, match="is closed"):
        camera.send(picture(0))


def test_one_that_opens_and_fails_each_time_is_given_up_too(
    register: Callable, tmp_path: Path
) -> None:
    kind, clock = register(), Clock()
    camera = open_camera(tmp_path, clock=clock)
    kind.fail = "broken pipe"
    said, spent = send_until_given_up(camera, clock)
    assert "broken pipe" in said
    assert "switch it on again" in said
    assert spent < 10
    assert len(kind.opened) == 6
    assert all(device.closed == 1 for device in kind.opened)


def test_rare_failures_over_hours_are_forgiven(register: Callable, tmp_path: Path) -> None:
    kind, clock = register(), Clock()
    camera = open_camera(tmp_path, clock=clock)
    for _ in range(20):
        kind.fail = "hiccup"
        camera.send(picture(0))
        kind.fail = None
        clock.now += 5
        camera.send(picture(1))
        clock.now += 60
        camera.send(picture(2))
    assert len(kind.opened) == 21


def loopback(root: Path, number: int, held: str = "") -> None:
    node = root / f"sys/class/video4linux/video{number}"
    node.mkdir(parents=True)
    (node / "name").write_text("unmask_live\n")
    (node / "max_openers").write_text("10\n")
    (node / "format").write_text(held)


def test_searches_v4l2loopback_devices_itself(register: Callable, tmp_path: Path) -> None:
    asked = []

    def begin(self: Device, **options: object) -> None:
        asked.append(options["device"])
        if options["device"] == "/dev/video3":
            raise ValueError("Device /dev/video3 is not a video output device.")
        Device.__init__(self, **options)

    register("v4l2loopback", __init__=begin)
    for number in (10, 3):
        loopback(tmp_path, number)
    (tmp_path / "sys/class/video4linux/video0/device").mkdir(parents=True)  # a real camera
    assert "/dev/video10" in open_camera(tmp_path).description
    assert "/dev/video0" not in asked
    with pytest.raises(UserError, match="/dev/video0 is a camera, not a device of v4l2loopback"):
        open_camera(tmp_path, device="/dev/video0")


def test_no_v4l2loopback_device_at_all(register: Callable, tmp_path: Path) -> None:
    kind = register("v4l2loopback")
    with pytest.raises(UserError, match=r"v4l2loopback: no device of it was found\): install"):
        open_camera(tmp_path)
    assert not kind.opened
    assert "/dev/video4" in open_camera(tmp_path, device="/dev/video4").description


def test_without_more_formats_to_try_it_stops_asking(register: Callable, tmp_path: Path) -> None:
    asked = []

    def begin(self: Device, **options: object) -> None:
        asked.append(options["fourcc"])
        raise RuntimeError("it is in use")

    register(__init__=begin)
    with pytest.raises(UserError, match="ours: it is in use"):
        open_camera(tmp_path)
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("held", "size", "layout"),
    [
        ("YU12:96x64@30", SIZE, "RGB"),
        ("YU12:64x48@30", (64, 48), "RGB"),
        ("NV12:96x64@30", SIZE, "NV12"),
        ("YUYV:64x48@1000/30", (64, 48), "YUYV"),
    ],
)
def test_a_device_held_at_another_size_or_layout_keeps_it(
    register: Callable, tmp_path: Path, held: str, size: tuple[int, int], layout: str
) -> None:
    kind = register("v4l2loopback", takes=("raw ", "NV12", "YUY2"))
    loopback(tmp_path, 10, held)
    camera = open_camera(tmp_path)
    camera.send(picture(0))
    device = kind.opened[-1]
    assert (device.size, len(device.frames)) == (size, 1)
    assert layout in camera.description
    assert [other.closed for other in kind.opened[:-1]] == [1] * (len(kind.opened) - 1)


def test_a_device_held_at_what_cannot_be_written_is_refused(
    register: Callable, tmp_path: Path
) -> None:
    kind = register("v4l2loopback")
    loopback(tmp_path, 10, "MJPG:96x64@30")
    with pytest.raises(UserError, match="/dev/video10 is held at MJPG"):
        open_camera(tmp_path)
    assert all(device.closed for device in kind.opened)
