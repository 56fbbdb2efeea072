from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from unmask_live.cli import app
from unmask_live.commands import doctor, doctor_cameras
from unmask_live.video.devices import CameraDevice

WEBCAM = CameraDevice(2, "HD Webcam", "V4L2", "/dev/video2")


def test_lists_cameras_by_number_name_and_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_cameras, "cameras", lambda: [WEBCAM])
    monkeypatch.setattr(doctor_cameras, "camera_problem", lambda: None)
    (check,) = doctor_cameras.examine_cameras()
    assert (check.name, check.ok) == ("camera 2", True)
    assert check.detail == "HD Webcam, through V4L2 at /dev/video2"


def test_no_camera_is_no_disease_and_comes_with_its_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = "/dev/video0 may not be read: run `sudo usermod -aG video $USER`, then log in again"
    monkeypatch.setattr(doctor_cameras, "cameras", list)
    monkeypatch.setattr(doctor_cameras, "camera_problem", lambda: problem)
    (check,) = doctor_cameras.examine_cameras()
    assert (check.ok, check.essential) == (False, False)
    assert check.detail == "/dev/video0 may not be read"
    assert check.fix == "run `sudo usermod -aG video $USER`, then log in again"


def test_the_doctor_looks_at_cameras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine_networks", lambda *_: iter(()))
    result = CliRunner().invoke(app, ["doctor", "--json"])
    groups = [check["group"] for check in json.loads(result.stdout)["checks"]]
    assert "cameras" in groups
