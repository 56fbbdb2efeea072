"""Opening a virtual camera: which backend, which device, which layout of pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from unmask_live.errors import UserError
from unmask_live.types import Image
from unmask_live.video.loopback import Loopback, is_other_camera, loopbacks
from unmask_live.video.pixels import LAYOUTS, Pixels
from unmask_live.video.remedies import INSTALL, remedy_here

_WRITTEN = {
    "RGB": "YU12",
    "BGR": "YU12",
    "I420": "YU12",
    "NV12": "NV12",
    "YUYV": "YUYV",
    "UYVY": "UYVY",
}
"""Our layouts to what v4l2loopback is then given, as the kernel calls it."""


@dataclass(frozen=True)
class Wish:
    """What was asked for; see `VirtualCamera`."""

    size: tuple[int, int]
    fps: float
    device: str | None
    backend: str | None
    root: Path


@dataclass(frozen=True)
class Opened:
    """A device that is open: pyvirtualcam's camera, and what makes its pixels of a picture."""

    camera: Any
    size: tuple[int, int]
    layout: str

    @property
    def convert(self) -> Callable[[Image], Pixels]:
        """What turns an RGB picture of `size` into the device's layout."""
        return LAYOUTS[self.layout]

    def __str__(self) -> str:
        width, height = self.size
        return (
            f"{self.camera.backend} {self.camera.device}, {width}×{height} {self.layout}, "
            f"{self.camera.fps:.4g} frames a second"
        )


def open_camera(wish: Wish) -> Opened:
    """Open the first device of the first backend that works.

    Raises
    ------
    UserError
        if pyvirtualcam is missing, or with each backend's reason and what to do on this system
    """
    library = _library()
    known = list(library.camera.BACKENDS)
    if wish.backend is not None and wish.backend not in known:
        raise UserError(f"there is no virtual camera {wish.backend!r} here: use {', '.join(known)}")
    reasons = []
    for backend in known if wish.backend is None else [wish.backend]:
        try:
            return _open_one_of(library, backend, wish)
        except _Refused as refused:
            reasons.append(f"{backend}: {refused}")
    raise UserError(
        f"no virtual camera can be opened ({'; '.join(reasons)}): {remedy_here(wish.root)}"
    )


class _Refused(Exception):  # noqa: N818 - a finding; never leaves this module
    """Why one backend or device does not work."""


def _library() -> Any:
    try:
        return import_module("pyvirtualcam")
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name == "pyvirtualcam"
        reason = "is missing" if missing else f"cannot be loaded ({error})"
        raise UserError(f"the virtual camera needs pyvirtualcam, which {reason}: {INSTALL}") from (
            error
        )


def _open_one_of(library: Any, backend: str, wish: Wish) -> Opened:
    """Open a backend's device, or raise `_Refused` with the reasons of all."""
    found: list[str | None] = [wish.device]
    if backend == "v4l2loopback" and wish.device is None:
        # Our own search: pyvirtualcam's opens every real camera on its way and never closes it.
        found = [device.path for device in loopbacks(wish.root)]
    reasons: list[str] = []
    for device in found:
        try:
            return _open_device(library, backend, device, wish)
        except _Refused as refused:
            reasons.append(str(refused))
    raise _Refused(", ".join(dict.fromkeys(reasons)) or "no device of it was found")


def _open_device(library: Any, backend: str, device: str | None, wish: Wish) -> Opened:
    """Open a device at the size asked for; at its own if another program holds it there."""
    if backend == "v4l2loopback" and is_other_camera(device, wish.root):
        raise _Refused(f"{device} is a camera, not a device of v4l2loopback")
    opened = _open_in_some_layout(library, backend, device, wish.size, wish.fps)
    held = _held_otherwise(opened, wish.root)
    if held is None or held.size is None:
        return opened
    opened.camera.close()
    names = [name for name in LAYOUTS if _WRITTEN.get(name) == held.layout]
    if not names:
        raise _Refused(f"{held.path} is held at {held.layout}, which cannot be written")
    opened = _open_in_some_layout(library, backend, device, held.size, wish.fps, names)
    if _held_otherwise(opened, wish.root) is not None:
        opened.camera.close()
        raise _Refused(f"another program changes {held.path} all the time")
    return opened


def _open_in_some_layout(
    library: Any,
    backend: str,
    device: str | None,
    size: tuple[int, int],
    fps: float,
    names: Iterable[str] = tuple(LAYOUTS),
) -> Opened:
    """Open a device in the first layout that it takes."""
    reason = ""
    for name in names:
        layout = getattr(library.PixelFormat, name)
        try:
            camera = library.Camera(*size, fps, fmt=layout, device=device, backend=backend)
        except Exception as error:  # each backend fails in its own way
            before, reason = reason, _why(error, backend)
            if reason == before and "format" not in reason:  # then it is not the layout
                break
        else:
            return Opened(camera, size, name)
    raise _Refused(reason)


def _held_otherwise(opened: Opened, root: Path) -> Loopback | None:
    """Return the device if the kernel keeps it at another size or layout than we write.

    It says so nowhere else: pictures would be refused, or shown in stripes.
    """
    for device in loopbacks(root):
        if device.path == opened.camera.device and device.size is not None:
            written = _WRITTEN.get(opened.layout)
            if (device.size, device.layout) != (opened.size, written):
                return device
    return None


def _why(error: Exception, backend: str) -> str:
    """Return the first sentence of a backend's reason."""
    text = " ".join(str(error).split()).removeprefix(f"'{backend}' backend: ")
    return text.split(". ")[0].split("? ")[0].rstrip(".") or type(error).__name__
