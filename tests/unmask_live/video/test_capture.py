from __future__ import annotations

from pathlib import Path

import pytest
from clips import write_clip
from fake_cameras import WEBCAM

from unmask_live.errors import UserError
from unmask_live.video import devices
from unmask_live.video.camera import Camera
from unmask_live.video.capture import open_live
from unmask_live.video.network import NetworkStream
from unmask_live.video.playback import Playback


@pytest.fixture
def one_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "cameras", lambda: [WEBCAM])


@pytest.mark.usefixtures("one_camera")
@pytest.mark.parametrize("spec", ["0", "hd webcam", " Webcam "])
def test_a_number_or_a_name_is_a_camera(spec: str) -> None:
    source = open_live(spec, size=(640, 480), fps=15, mirror=True)
    assert isinstance(source, Camera)
    assert (source.label, source.mirror) == ("HD Webcam (0)", True)
    assert source.describe() == "640×480 asked, nothing came yet"


@pytest.mark.parametrize("spec", ["rtsp://cam/live", "HTTP://cam:81/video.mjpg", "udp://@:5000"])
def test_an_address_is_a_stream(spec: str) -> None:
    assert isinstance(open_live(spec), NetworkStream)


def test_a_file_is_played_however_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = write_clip(tmp_path / "my clip.mp4")
    for spec in (str(clip), clip.as_uri(), str(clip).replace("my", "./my")):
        source = open_live(spec)
        assert isinstance(source, Playback)
        assert source.label == "my clip.mp4"
    monkeypatch.chdir(tmp_path)
    assert isinstance(open_live("my clip.mp4"), Playback)


def test_a_folder_called_like_the_demo_does_not_hide_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "demo").mkdir()
    monkeypatch.chdir(tmp_path)
    assert open_live("demo").label == "demo clip"


@pytest.mark.usefixtures("one_camera")
@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("", "no source is named"),
        ("holiday.mp4", "there is no file holiday.mp4"),
        ("no/such/film", "there is no file"),
        ("holiday", 'no camera or file "holiday": there are 0 "HD Webcam"'),
        ("Mr.Cam", 'no camera or file "Mr.Cam"'),
        ("Logitech C2.0", 'no camera or file "Logitech C2.0"'),
        ("/dev/video7", 'no camera or file "/dev/video7"'),
        ("/dev/null", "no camera or file"),
        ("x" * 5000, "no camera or file"),
    ],
)
def test_says_what_is_wrong_with_a_name(spec: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        open_live(spec)
