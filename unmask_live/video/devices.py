"""Which cameras there are, and why there may be none."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from unmask_live.errors import UserError
from unmask_live.video import linux_cameras, other_cameras

SYSTEM: str = sys.platform


@dataclass(frozen=True)
class CameraDevice:
    """A camera as the system lists it.

    Attributes
    ----------
    index : its number for OpenCV
    backend : what opens it: "V4L2", "DSHOW", "MSMF" or "AVFOUNDATION"; "" is left to OpenCV
    path : what the system knows it by, e.g. /dev/video0; "" if it does not tell
    """

    index: int
    name: str
    backend: str
    path: str

    @property
    def label(self) -> str:
        """Its name and number, for people."""
        return f"{self.name} ({self.index})"


def cameras() -> list[CameraDevice]:
    """Return the cameras that may be used here, real ones first. Never raises."""
    if SYSTEM.startswith("linux"):
        return [
            CameraDevice(node.index, node.name, "V4L2", str(node.path))
            for node in linux_cameras.find_nodes()
            if node.captures and node.allowed
        ]
    return [CameraDevice(*found) for found in other_cameras.list_cameras(SYSTEM)]


def camera_problem() -> str | None:
    """Return why there is no camera to use and the fix, one sentence; None if there is one."""
    if SYSTEM.startswith("linux"):
        return linux_cameras.explain_none(linux_cameras.find_nodes())
    return None if cameras() else other_cameras.explain_none(SYSTEM)


def why_refused(device: CameraDevice) -> str:
    """Return why a camera does not open and the fix, one sentence."""
    if SYSTEM.startswith("linux"):
        path = device.path or f"/dev/video{device.index}"
        return f"{device.label} {linux_cameras.explain_refusal(Path(path))}"
    return f"{device.label} {other_cameras.explain_refusal(SYSTEM)}"


def find_camera(spec: str, found: Sequence[CameraDevice] | None = None) -> CameraDevice:
    """Return the camera meant by a number, a device path, its name or a part of that.

    Raises
    ------
    UserError
        if none is meant, or several; says which there are
    """
    there = cameras() if found is None else found
    if spec.isdecimal():
        return _numbered(int(spec), there)
    path = str(Path(spec).resolve()) if spec.startswith("/dev/") else spec
    wanted = spec.casefold()
    for matches in (
        [device for device in there if device.path in (spec, path)],
        [device for device in there if device.name.casefold() == wanted],
        [device for device in there if wanted in device.name.casefold()],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise UserError(f'"{spec}" means several cameras: pick one by number, {_list(matches)}')
    if not there:
        raise UserError(f'there is no source "{spec}": {camera_problem() or "it is no file"}')
    raise UserError(f'there is no camera or file "{spec}": there are {_list(there)}')


def find_again(
    device: CameraDevice, found: Sequence[CameraDevice] | None = None
) -> CameraDevice | None:
    """Return a camera that was plugged in again, its number may have changed; None if it is away.

    Its path alone proves nothing: on Linux the next camera may have got it.
    """
    there = cameras() if found is None else found
    if not device.backend:  # opened by number where nothing is listed
        return device
    same = [other for other in there if other.name == device.name]
    return next((other for other in same if other.path == device.path), same[0] if same else None)


def is_there(device: CameraDevice) -> bool:
    """Tell whether a camera is still plugged in, as far as that is known without asking it."""
    return not device.path.startswith("/dev/") or Path(device.path).exists()


def _numbered(index: int, there: Sequence[CameraDevice]) -> CameraDevice:
    for device in there:
        if device.index == index:
            return device
    if SYSTEM.startswith("linux"):
        path = Path(f"/dev/video{index}")
        if path.exists():
            raise UserError(f"camera {index} {linux_cameras.explain_refusal(path)}")
    elif not there and not other_cameras.can_list():
        return CameraDevice(index, "camera", "", "")
    if there:
        raise UserError(f"there is no camera {index}: there are {_list(there)}")
    raise UserError(f"there is no camera {index}: {camera_problem()}")


def _list(devices: Sequence[CameraDevice]) -> str:
    return ", ".join(f'{device.index} "{device.name}"' for device in devices)
