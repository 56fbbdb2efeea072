from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import pytest

from unmask_live.commands import doctor_virtual
from unmask_live.commands.check import Check
from unmask_live.commands.doctor_virtual import examine_virtual_camera, linux
from unmask_live.video import loopback

LOAD = 'sudo modprobe v4l2loopback devices=1 exclusive_caps=1 card_label="unmask_live"'


class System:
    """A false / with just the files that are asked about."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, path: str, text: str | bytes = "") -> System:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self

    def distribution(self, text: str) -> System:
        return self.put("etc/os-release", text)

    def installed(self) -> System:
        index = f"lib/modules/{platform.release()}/modules.dep"
        return self.put(index, "kernel/a.ko.zst:\nupdates/dkms/v4l2loopback.ko.zst: kernel/v.ko\n")

    def loaded(self, flags: str = "Y,N,N,N,N,N,N,N\n") -> System:
        return self.put("sys/module/v4l2loopback/parameters/exclusive_caps", flags)

    def device(self, number: int, name: str = "unmask_live", held: str = "") -> System:
        node = f"sys/class/video4linux/video{number}"
        self.put(f"{node}/name", f"{name}\n").put(f"{node}/max_openers", "10\n")
        return self.put(f"{node}/format", held).put(f"dev/video{number}")

    def real_camera(self, number: int) -> System:
        node = f"sys/class/video4linux/video{number}"
        self.put(f"{node}/device/driver/uevent").put(f"dev/video{number}")
        return self.put(f"{node}/name", "HD Webcam\n")

    def secure_boot(self, on: bool) -> System:
        return self.put(loopback._SECURE_BOOT, b"\x06\x00\x00\x00" + bytes([on]))

    def checks(self) -> dict[str, Check]:
        found = list(linux(self.root))
        assert not any(check.essential for check in found)
        assert all(check.group == "virtual camera" for check in found)
        assert all(check.ok or check.fix for check in found)
        return {check.name: check for check in found}


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(tmp_path)


@pytest.mark.parametrize(
    ("release", "command"),
    [
        ("ID=debian\n", "sudo apt install v4l2loopback-dkms"),
        ("NAME=Ubuntu\nID=ubuntu\nID_LIKE=debian\n", "sudo apt install v4l2loopback-dkms"),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', "sudo apt install v4l2loopback-dkms"),
        ("ID=fedora\n", "sudo dnf install akmod-v4l2loopback"),
        ('ID="manjaro"\nID_LIKE=arch\n', "sudo pacman -S v4l2loopback-dkms"),
        ('ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', "sudo zypper install v4l2loopback"),
        ("ID=haiku\n", "install the package v4l2loopback"),
        ("", "install the package v4l2loopback"),
    ],
)
def test_not_installed(system: System, release: str, command: str) -> None:
    (check,) = system.distribution(release).checks().values()
    assert not check.ok
    assert command in check.fix
    assert LOAD in check.fix


def test_installed_and_not_loaded(system: System) -> None:
    (check,) = system.installed().checks().values()
    assert not check.ok
    assert check.fix == f"run `{LOAD}`"


def test_secure_boot_may_be_why_it_is_not_loaded(system: System) -> None:
    assert system.installed().secure_boot(False).checks()["Secure Boot"].ok
    check = system.secure_boot(True).checks()["Secure Boot"]
    assert not check.ok
    assert "sudo mokutil --import /var/lib/dkms/mok.pub" in check.fix
    system.put("var/lib/shim-signed/mok/MOK.der")
    assert "/var/lib/shim-signed/mok/MOK.der" in system.checks()["Secure Boot"].fix
    assert "Secure Boot" not in system.loaded().device(10).checks()


def test_loaded_without_a_device(system: System) -> None:
    check = system.loaded().real_camera(0).checks()["device"]
    assert not check.ok
    assert "sudo modprobe -r v4l2loopback" in check.fix
    assert LOAD in check.fix


def test_all_is_well(system: System) -> None:
    checks = system.loaded().real_camera(0).device(10).checks()
    assert list(checks) == ["v4l2loopback", "exclusive_caps", "/dev/video10"]
    assert all(check.ok for check in checks.values())
    assert "unmask_live" in checks["/dev/video10"].detail


@pytest.mark.parametrize(
    ("flags", "devices", "ok"),
    [
        ("Y,N,N", 1, True),
        ("Y,N,N", 2, False),
        ("N,N,N", 1, False),
        ("1,1,0", 2, True),
        ("Y", 1, True),
    ],
)
def test_exclusive_caps_of_the_devices_that_exist(
    system: System, flags: str, devices: int, ok: bool
) -> None:
    system.loaded(flags)
    for number in range(devices):
        system.device(10 + number)
    check = system.checks()["exclusive_caps"]
    assert check.ok == ok
    assert ok or "exclusive_caps=1" in check.fix


def test_a_device_one_may_not_write_to(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    system.loaded().device(10, held="YU12:1280x720@30\n")
    access = os.access
    monkeypatch.setattr(  # root may write to anything
        os, "access", lambda path, mode: Path(path).name != "video10" and access(path, mode)
    )
    check = system.checks()["/dev/video10"]
    assert not check.ok
    assert "1280×720" in check.detail
    assert "sudo usermod -a -G video $USER" in check.fix
    assert loopback.remedy(system.root) == check.fix


def test_the_remedy_follows_what_is_missing(system: System) -> None:
    assert "apt install" in loopback.remedy(system.distribution("ID=debian").root)
    assert loopback.remedy(system.installed().root) == f"run `{LOAD}`"
    assert "modprobe -r" in loopback.remedy(system.loaded().root)
    assert "close the program" in loopback.remedy(system.device(3).root)


def names(system: str, root: Path) -> dict[str, Check]:
    return {check.name: check for check in examine_virtual_camera(root, system)}


def test_pyvirtualcam_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert names("linux", tmp_path)["pyvirtualcam"].ok
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    check = names("linux", tmp_path)["pyvirtualcam"]
    assert (check.ok, check.fix) == (False, "pip install 'unmask-live[virtual-camera]'")


def test_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there: set[str] = set()
    monkeypatch.setattr(doctor_virtual, "_is_registered", lambda class_id: class_id in there)
    checks = names("win32", tmp_path)
    assert not checks["OBS Virtual Camera"].ok
    assert not checks["Unity Capture"].ok
    assert "Start Virtual Camera" in checks["Unity Capture"].fix
    there.add(doctor_virtual.UNITY_CLASS)
    checks = names("win32", tmp_path)
    assert checks["OBS Virtual Camera"].ok, "either will do"
    assert checks["OBS Virtual Camera"].detail == "not installed"
    assert checks["Unity Capture"].detail == "installed"


LISTED = """1 extension(s)
--- com.apple.system_extension.cmio
enabled active teamID bundleID (version) name [state]
* * 2MMRE5MTB8 com.obsproject.obs-studio.mac-camera-extension (30.1/1) OBS Virtual Camera [{}]
"""


@pytest.mark.parametrize(
    ("listed", "ok", "fix"),
    [
        (LISTED.format("activated enabled"), True, ""),
        (LISTED.format("activated waiting for user"), False, "allow it in System Settings"),
        ("0 extension(s)\n", False, "install OBS 30"),
        ("", False, "install OBS 30"),
    ],
)
def test_macos(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listed: str, ok: bool, fix: str
) -> None:
    monkeypatch.setattr(doctor_virtual, "_extensions", lambda: listed)
    check = names("darwin", tmp_path)["OBS Virtual Camera"]
    assert check.ok == ok
    assert fix in check.fix


@pytest.mark.skipif(sys.platform == "darwin", reason="there the tool exists")
def test_without_the_systems_own_tools_nothing_breaks(tmp_path: Path) -> None:
    assert not names("darwin", tmp_path)["OBS Virtual Camera"].ok


@pytest.mark.skipif(sys.platform == "win32", reason="there the registry exists")
def test_without_a_registry_nothing_breaks(tmp_path: Path) -> None:
    assert not names("win32", tmp_path)["OBS Virtual Camera"].ok
