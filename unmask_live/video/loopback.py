"""What Linux tells about v4l2loopback, the kernel module behind its virtual cameras."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/")
LOAD = 'sudo modprobe v4l2loopback devices=1 exclusive_caps=1 card_label="unmask_live"'
RELOAD = f"sudo modprobe -r v4l2loopback && {LOAD}"
ALLOW = "sudo usermod -a -G video $USER"
_INSTALL = {
    "debian": "run `sudo apt install v4l2loopback-dkms`",
    "fedora": "run `sudo dnf install akmod-v4l2loopback` (it is in RPM Fusion)",
    "arch": "run `sudo pacman -S v4l2loopback-dkms`",
    "suse": "run `sudo zypper install v4l2loopback-kmp-default`",
}
"""How distributions, by their family in /etc/os-release, install the module."""
_SECURE_BOOT = "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"


@dataclass(frozen=True)
class Loopback:
    """A virtual camera device.

    Attributes
    ----------
    path : such as "/dev/video10"
    name : the card label that other programs list
    writable : whether this user may write to it
    size : (width, height) to which it is fixed at the moment, pixels; None if to none
    layout : the kernel's four letters for the layout of pixels it is fixed to, such as "YU12"
    """

    path: str
    name: str
    writable: bool
    size: tuple[int, int] | None
    layout: str = ""


def loopbacks(root: Path = ROOT) -> list[Loopback]:
    """Return the virtual cameras, by number; ``root`` stands in for / in tests."""
    nodes = (root / "sys/class/video4linux").glob("video*")
    numbered = sorted(
        (int(node.name[5:]), node) for node in nodes if node.name[5:].isdigit() and _is_ours(node)
    )
    return [_loopback(number, node, root) for number, node in numbered]


def is_other_camera(path: str | None, root: Path = ROOT) -> bool:
    """Tell whether a device is known and none of v4l2loopback."""
    node = root / "sys/class/video4linux" / Path(path or "").name
    return bool(path) and node.is_dir() and not _is_ours(node)


def is_loaded(root: Path = ROOT) -> bool:
    """Tell whether the module is in the kernel now."""
    return (root / "sys/module/v4l2loopback").is_dir()


def is_installed(root: Path = ROOT) -> bool:
    """Tell whether the module is there to be loaded into the running kernel."""
    index = root / "lib/modules" / platform.release() / "modules.dep"
    return "/v4l2loopback.ko" in _read(index) or is_loaded(root)


def exclusive_caps(root: Path = ROOT) -> list[bool] | None:
    """Return for each device in the order of creation whether it shows itself as a camera only.

    Chrome and what builds on it list no other. None if the module is not loaded.
    """
    said = _read(root / "sys/module/v4l2loopback/parameters/exclusive_caps")
    return [flag.strip() in ("Y", "1") for flag in said.split(",")] if said else None


def secure_boot(root: Path = ROOT) -> bool | None:
    """Tell whether the firmware refuses modules that are not signed; None if it does not say."""
    try:
        data = (root / _SECURE_BOOT).read_bytes()
    except OSError:
        return None
    return data[4:5] == b"\x01"  # after four bytes of attributes


def how_to_install(root: Path = ROOT) -> str:
    """Say how this distribution installs the module."""
    said = dict(re.findall(r'^(ID|ID_LIKE)="?([^"\n]*)"?$', _read(root / "etc/os-release"), re.M))
    families = f"{said.get('ID', '')} {said.get('ID_LIKE', '')}".replace("ubuntu", "debian").split()
    for family in families:
        if family in _INSTALL:
            return _INSTALL[family]
    return "install the package v4l2loopback of your distribution"


def remedy(root: Path = ROOT) -> str:
    """Return what to do so that a virtual camera can be opened."""
    if not is_installed(root):
        return f"{how_to_install(root)}, then `{LOAD}`"
    if not is_loaded(root):
        return f"run `{LOAD}`"
    found = loopbacks(root)
    if not found:
        return f"run `{RELOAD}`"
    if not any(device.writable for device in found):
        return f"run `{ALLOW}`, then log out and in again"
    return "close the program that sends to it, or open another device"


def _is_ours(node: Path) -> bool:
    """Tell a device of v4l2loopback from a real camera, which hangs on a bus."""
    return not (node / "device").exists() and (node / "max_openers").exists()


def _loopback(number: int, node: Path, root: Path) -> Loopback:
    held = re.match(r"(.{4}):(\d+)x(\d+)", _read(node / "format"))  # "YU12:1280x720@30"
    return Loopback(
        path=f"/dev/video{number}",
        name=_read(node / "name") or f"video{number}",
        writable=os.access(root / f"dev/video{number}", os.W_OK),
        size=(int(held[2]), int(held[3])) if held else None,
        layout=held[1] if held else "",
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
