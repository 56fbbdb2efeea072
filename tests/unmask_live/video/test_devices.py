from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import cv2
import pytest

from unmask_live.errors import UserError
from unmask_live.video import devices, linux_cameras, other_cameras
from unmask_live.video.capture import open_live
from unmask_live.video.devices import CameraDevice, find_again, find_camera
from unmask_live.video.linux_cameras import Node

unix = pytest.mark.skipif(sys.platform == "win32", reason="asks a driver as Unix does")
INNER = CameraDevice(0, "Integrated Camera", "V4L2", "/dev/video0")
OUTER = CameraDevice(2, "HD Webcam C920", "V4L2", "/dev/video2")
TWIN = CameraDevice(4, "HD Webcam C920", "V4L2", "/dev/video4")


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("0", INNER),
        ("2", OUTER),
        ("integrated camera", INNER),
        ("c920", OUTER),
        ("webcam", OUTER),
        ("/dev/video2", OUTER),
    ],
)
def test_finds_a_camera_by_what_people_type(spec: str, found: CameraDevice) -> None:
    assert find_camera(spec, [INNER, OUTER]) == found


def test_a_whole_name_goes_before_a_part() -> None:
    longer = CameraDevice(7, "Integrated Camera IR", "V4L2", "/dev/video7")
    assert find_camera("Integrated Camera", [longer, INNER]) == INNER


@pytest.mark.parametrize("spec", ["c920", "HD Webcam C920"])
def test_an_ambiguous_name_lists_what_it_means(spec: str) -> None:
    with pytest.raises(UserError, match=r'several cameras.*2 "HD Webcam C920", 4 "HD Webcam C920"'):
        find_camera(spec, [INNER, OUTER, TWIN])


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(UserError, match=r'no camera or file "nokia": there are 0 "Integrated'):
        find_camera("nokia", [INNER, OUTER])
    with pytest.raises(UserError, match=r"no camera 9: there are 0"):
        find_camera("9", [INNER])


def test_with_no_camera_at_all_the_reason_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "SYSTEM", "linux")
    monkeypatch.setattr(linux_cameras, "find_nodes", list)
    for spec in ("77", "nokia"):
        with pytest.raises(UserError, match="no camera is connected"):
            open_live(spec)


def test_an_empty_name_is_no_camera() -> None:
    with pytest.raises(UserError, match="no source is named"):
        open_live("  ")


@pytest.mark.parametrize(
    ("there", "found"),
    [
        ([INNER, OUTER], OUTER),
        ([TWIN, OUTER], OUTER),
        ([INNER, TWIN], TWIN),
        ([INNER], None),
        ([CameraDevice(2, "Other", "V4L2", "/dev/video2")], None),
        ([], None),
    ],
)
def test_finds_a_camera_again(there: list[CameraDevice], found: CameraDevice | None) -> None:
    assert find_again(OUTER, there) == found


def test_where_nothing_is_listed_the_number_stays() -> None:
    device = CameraDevice(1, "camera", "", "")
    assert find_again(device, []) == device


def node(
    index: int = 0, *, captures: bool = True, allowed: bool = True, loopback: bool = False
) -> Node:
    path = Path(f"/dev/video{index}")
    return Node(index, path, "Webcam", captures, allowed, loopback, "video")


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        ([], "plug one in"),
        ([node(allowed=False)], "sudo usermod -aG video $USER"),
        ([node(loopback=True, captures=False)], "only virtual cameras (v4l2loopback)"),
        ([node(loopback=True), node(1, allowed=False)], "/dev/video1 may not be read"),
        ([node(captures=False)], "hand out no pictures"),
        ([node()], None),
        ([node(allowed=False), node(1)], None),
        ([node(), node(1, captures=False)], None),
    ],
)
def test_says_why_there_is_no_camera_on_linux(nodes: list[Node], said: str | None) -> None:
    found = linux_cameras.explain_none(nodes)
    if said is None:
        assert found is None
    else:
        assert found is not None
        assert said in found
        assert "\n" not in found


@pytest.fixture
def system(tmp_path: Path) -> tuple[Path, Path]:
    """Three video devices, a sound device, and a name without a number."""
    dev, names = tmp_path / "dev", tmp_path / "names"
    for number, (name, place) in enumerate((("Webcam", "0"), ("Webcam", "1"), ("Other", "0"))):
        about = names / f"video{number}"
        about.mkdir(parents=True)
        (about / "name").write_text(f"{name}\n")
        (about / "index").write_text(f"{place}\n")
    dev.mkdir()
    for file in ("video0", "video1", "video2", "video10", "snd", "videoX"):
        (dev / file).touch()
    return dev, names


@unix
def test_nodes_are_read_from_the_system(system: tuple[Path, Path]) -> None:
    nodes = linux_cameras.find_nodes(*system)
    assert [(n.index, n.name, n.captures) for n in nodes] == [
        (0, "Webcam", True),
        (1, "Webcam", False),  # the node of its metadata
        (2, "Other", True),
        (10, "video10", True),  # nothing is known, so it is tried
    ]
    assert linux_cameras.find_nodes(system[0] / "missing", system[1]) == []


@unix
def test_v4l2loopback_comes_last(system: tuple[Path, Path], tmp_path: Path) -> None:
    virtual = tmp_path / "devices" / "virtual" / "video4linux" / "video0"
    virtual.parent.mkdir(parents=True)
    (system[1] / "video0").rename(virtual)
    (system[1] / "video0").symlink_to(virtual)
    nodes = linux_cameras.find_nodes(*system)
    assert [n.index for n in nodes] == [1, 2, 10, 0]
    assert nodes[-1].loopback


@unix
def test_a_refusal_names_who_holds_the_camera(tmp_path: Path) -> None:
    camera, processes = tmp_path / "video0", tmp_path / "proc"
    assert "is not connected" in linux_cameras.explain_refusal(camera, processes=processes)
    camera.touch()
    said = linux_cameras.explain_refusal(camera, processes=processes)
    assert f"`fuser -v {camera}`" in said
    for number, name in ((77, "zoom"), (os.getpid(), "ourselves"), (78, "bystander")):
        handles = processes / str(number) / "fd"
        handles.mkdir(parents=True)
        (processes / str(number) / "comm").write_text(f"{name}\n")
        (handles / "3").symlink_to("/dev/null" if name == "bystander" else camera)
    said = linux_cameras.explain_refusal(camera, processes=processes)
    assert said == "is in use by zoom: close it there and start again"


def test_a_refusal_for_lack_of_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    camera = tmp_path / "video0"
    camera.touch()
    monkeypatch.setattr(linux_cameras.os, "access", lambda *_: False)
    assert "sudo usermod -aG" in linux_cameras.explain_refusal(camera, processes=tmp_path)


def listed(index: int, name: str) -> SimpleNamespace:
    return SimpleNamespace(index=index, name=name, path=f"id{index}")


def test_the_first_backend_that_lists_any_is_taken() -> None:
    lists = {cv2.CAP_DSHOW: [], cv2.CAP_MSMF: [listed(0, "Cam")]}
    assert other_cameras.list_cameras("win32", lists.__getitem__) == [(0, "Cam", "MSMF", "id0")]
    lists[cv2.CAP_DSHOW] = [listed(1, "Cam"), listed(2, "OBS")]
    assert [found[:3] for found in other_cameras.list_cameras("win32", lists.__getitem__)] == [
        (1, "Cam", "DSHOW"),
        (2, "OBS", "DSHOW"),
    ]


def test_a_listing_that_fails_is_an_empty_one() -> None:
    def broken(_: int) -> list[object]:
        raise OSError("COM is not initialised")

    assert other_cameras.list_cameras("darwin", broken) == []
    assert other_cameras.list_cameras("plan9", broken) == []


@pytest.mark.parametrize("name", ["win32", "darwin"])
def test_without_the_package_a_number_is_tried(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "SYSTEM", name)
    monkeypatch.setattr(other_cameras, "_package", lambda: None)
    assert devices.cameras() == []
    assert "pip install 'unmask-live[camera]'" in (devices.camera_problem() or "")
    assert find_camera("1") == CameraDevice(1, "camera", "", "")
    with pytest.raises(UserError, match="unmask-live"):
        find_camera("webcam")
    assert "Camera" in devices.why_refused(find_camera("1"))


@pytest.mark.parametrize("name", ["win32", "darwin"])
def test_privacy_settings_are_told_where_they_are_known(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "SYSTEM", name)
    monkeypatch.setattr(other_cameras, "_package", lambda: lambda _: [])
    monkeypatch.setattr(other_cameras, "is_forbidden", lambda: True)
    assert other_cameras.PRIVACY[name] in (devices.camera_problem() or "")
    monkeypatch.setattr(other_cameras, "is_forbidden", lambda: False)
    assert devices.camera_problem() == "no camera is connected: plug one in"
    with pytest.raises(UserError, match="no camera 0: no camera is connected"):
        find_camera("0")


def test_asking_this_machine_never_raises() -> None:
    assert devices.cameras() or devices.camera_problem()
