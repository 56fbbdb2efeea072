"""The doctor's look at virtual cameras: what this system needs for one, and what is missing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from unmask_live.commands.check import Check
from unmask_live.commands.machine import import_failure
from unmask_live.video import loopback
from unmask_live.video.loopback import ROOT
from unmask_live.video.remedies import INSTALL, remedy_here

OBS_CLASS = "{A3FCE0F5-3493-419F-958A-ABA1250EC20B}"
UNITY_CLASS = "{5C2CD55C-92AD-4999-8666-912BD3E70010}"
"""Under what Windows' registry lists the cameras of OBS and Unity Capture."""
OBS_EXTENSION = "com.obsproject.obs-studio.mac-camera-extension"
_PATIENCE = 5.0
"""Seconds that macOS may take to list its extensions."""
_check = partial(Check, "virtual camera", essential=False)


def examine_virtual_camera(root: Path = ROOT, system: str = sys.platform) -> Iterator[Check]:
    """Yield what a virtual camera needs here; none is essential, files and the window need none.

    Parameters
    ----------
    root : stands in for / in tests
    system : as in `sys.platform`
    """
    failure = import_failure("pyvirtualcam")
    yield _check("pyvirtualcam", not failure, failure or "can be loaded", fix=INSTALL)
    if system == "win32":
        yield from _windows()
    elif system == "darwin":
        yield _macos(_extensions())
    else:
        yield from linux(root)


def linux(root: Path) -> Iterator[Check]:
    """Yield what is to say about v4l2loopback, as far as each makes sense after the last."""
    if not loopback.is_installed(root):
        fix = f"{loopback.how_to_install(root)}, then `{loopback.LOAD}`"
        yield _check("v4l2loopback", False, "the kernel module is not installed", fix=fix)
        return
    if not loopback.is_loaded(root):
        yield _check("v4l2loopback", False, "installed, not loaded", fix=f"run `{loopback.LOAD}`")
        yield from _secure_boot(root)
        return
    yield _check("v4l2loopback", True, "the kernel module is loaded")
    devices = loopback.loopbacks(root)
    if not devices:
        fix = f"run `{loopback.RELOAD}`"
        yield _check("device", False, "the module is loaded and made no device", fix=fix)
        return
    yield from _exclusive_caps(root, len(devices))
    for device in devices:
        held = f", in use at {device.size[0]}×{device.size[1]}" if device.size else ""
        detail = f"{device.name}, {'may' if device.writable else 'may not'} be written to{held}"
        fix = f"run `{loopback.ALLOW}`, then log out and in again"
        yield _check(device.path, device.writable, detail, fix=fix)


def _exclusive_caps(root: Path, count: int) -> Iterator[Check]:
    flags = loopback.exclusive_caps(root)
    if flags is None:
        return
    good = all(flags[:count])
    detail = (
        "set: browsers list the camera" if good else "not set: Chrome and others do not list it"
    )
    fix = f"close what uses it and run `{loopback.RELOAD}`"
    yield _check("exclusive_caps", good, detail, fix=fix)


def _secure_boot(root: Path) -> Iterator[Check]:
    """Tell of Secure Boot where the module is not loaded: it may be why."""
    on = loopback.secure_boot(root)
    if on is None:
        return
    detail = "on: modules that are not signed are refused" if on else "off"
    fix = (
        "if modprobe says `Key was rejected by service`, run "
        f"`sudo mokutil --import {_signing_key(root)}`, restart, and choose `Enroll MOK`"
    )
    yield _check("Secure Boot", not on, detail, fix=fix)


def _signing_key(root: Path) -> str:
    """Return with what dkms signs modules here: Ubuntu's place, or its own."""
    ubuntu = "var/lib/shim-signed/mok/MOK.der"
    return f"/{ubuntu}" if (root / ubuntu).exists() else "/var/lib/dkms/mok.pub"


def _windows() -> Iterator[Check]:
    obs, unity = _is_registered(OBS_CLASS), _is_registered(UNITY_CLASS)
    for name, there in (("OBS Virtual Camera", obs), ("Unity Capture", unity)):
        detail = "installed" if there else "not installed"
        yield _check(name, there or obs or unity, detail, fix=remedy_here(system="win32"))


def _is_registered(class_id: str) -> bool:
    try:
        import winreg  # Windows only
    except ImportError:
        return False
    registry = vars(winreg)
    try:
        registry["OpenKey"](registry["HKEY_CLASSES_ROOT"], f"CLSID\\{class_id}").Close()
    except OSError:
        return False
    return True


def _macos(listed: str) -> Check:
    """Judge by what `systemextensionsctl list` prints."""
    line = next((line for line in listed.splitlines() if OBS_EXTENSION in line), "")
    if "activated enabled" in line:
        return _check("OBS Virtual Camera", True, "its extension is active")
    fix = remedy_here(system="darwin")
    if line:
        detail = "its extension is installed and not active"
        fix = "allow it in System Settings, General, Login Items & Extensions"
    else:
        detail = "its extension is not installed"
    return _check("OBS Virtual Camera", False, detail, fix=fix)


def _extensions() -> str:
    try:
        done = subprocess.run(
            ["systemextensionsctl", "list"],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout
