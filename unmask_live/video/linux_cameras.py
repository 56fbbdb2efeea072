"""Cameras as Linux knows them: /dev/video*, their names, and who may or does use them."""

from __future__ import annotations

import contextlib
import os
import struct
from dataclasses import dataclass
from pathlib import Path

DEVICES = Path("/dev")
NAMES = Path("/sys/class/video4linux")
PROCESSES = Path("/proc")
_QUERYCAP = 0x80685600
"""VIDIOC_QUERYCAP of videodev2.h; fills struct v4l2_capability, 104 bytes."""
_CAPTURES = 0x1 | 0x1000
"""V4L2_CAP_VIDEO_CAPTURE and its multi-planar twin."""
_OWN_FLAGS = 0x80000000
"""V4L2_CAP_DEVICE_CAPS: the flags of this node follow those of the whole device."""


@dataclass(frozen=True)
class Node:
    """One /dev/video*.

    Attributes
    ----------
    captures : whether pictures can be had from it; a webcam has a second node for its metadata
    allowed : whether this user may read and write it
    loopback : whether it is v4l2loopback's, which another program must feed
    group : whose members may use it
    """

    index: int
    path: Path
    name: str
    captures: bool
    allowed: bool
    loopback: bool
    group: str


def find_nodes(devices: Path = DEVICES, names: Path = NAMES) -> list[Node]:
    """Return every video device by its number, v4l2loopback's last."""
    found = []
    with contextlib.suppress(OSError):
        for path in devices.glob("video*"):
            number = path.name.removeprefix("video")
            if number.isdecimal():
                found.append(_look(path, int(number), names / path.name))
    return sorted(found, key=lambda node: (node.loopback, node.index))


def explain_none(nodes: list[Node]) -> str | None:
    """Say why no camera can be used, and what to do; None if one can."""
    cameras = [node for node in nodes if node.captures]
    if any(node.allowed and not node.loopback for node in cameras):
        return None
    forbidden = [node for node in cameras if not node.allowed]
    if forbidden:
        return f"{forbidden[0].path} may not be read: {_join(forbidden[0])}"
    if not nodes:
        return (
            "no camera is connected (there is no /dev/video*): plug one in, "
            "or pass it through to this container or virtual machine"
        )
    if all(node.loopback for node in nodes):
        return "only virtual cameras (v4l2loopback) are there: plug a camera in"
    return "the video devices here hand out no pictures: plug a camera in"


def explain_refusal(path: Path, *, processes: Path = PROCESSES) -> str:
    """Say why a camera cannot be opened, and what to do; goes on after its name."""
    if not path.exists():
        return "is not connected: plug it in"
    node = _look(path, 0, NAMES / path.name)
    if not node.allowed:
        return f"may not be read: {_join(node)}"
    if not node.captures:
        return "hands out no pictures: no program feeds it" if node.loopback else "is no camera"
    holders = _holders(path, processes)
    if holders:
        return f"is in use by {' and '.join(holders)}: close it there and start again"
    return (
        f"does not open: another program may hold it (`fuser -v {path}` tells which); "
        "close that, or plug the camera in again"
    )


def _look(path: Path, index: int, about: Path) -> Node:
    allowed = os.access(path, os.R_OK | os.W_OK)
    driver, flags = _query(path) if allowed else ("", None)
    loopback = driver == "v4l2 loopback" or "/virtual/" in str(_resolved(about))
    captures = bool(flags & _CAPTURES) if flags is not None else _line(about / "index") in ("", "0")
    name = _line(about / "name") or path.name
    return Node(index, path, name, captures, allowed, loopback, _group(path))


def _query(path: Path) -> tuple[str, int | None]:
    """Ask the driver for its name and flags; None where it does not answer."""
    import fcntl  # late: this module can be imported on every system

    try:
        handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return "", None
    try:
        answer = fcntl.ioctl(handle, _QUERYCAP, bytes(104))
    except OSError:
        return "", None
    finally:
        os.close(handle)
    driver = answer[:16].split(b"\0")[0].decode("ascii", "replace")
    whole, own = struct.unpack_from("=II", answer, 84)
    return driver, own if whole & _OWN_FLAGS else whole


def _holders(path: Path, processes: Path) -> list[str]:
    """Return the names of other programs of this user that have the camera open."""
    names = set()
    for process in processes.glob("[0-9]*"):
        if process.name == str(os.getpid()):
            continue
        with contextlib.suppress(OSError):  # another user's, or one that has just ended
            if any(_target(handle) == str(path) for handle in (process / "fd").iterdir()):
                names.add(_line(process / "comm") or f"process {process.name}")
    return sorted(names)


def _join(node: Node) -> str:
    return f"run `sudo usermod -aG {node.group} $USER`, then log out and in again"


def _group(path: Path) -> str:
    try:
        return path.group()
    except (OSError, KeyError):  # a number without a name, in containers
        return "video"


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except OSError:
        return path


def _line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
