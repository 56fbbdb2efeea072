"""Cameras as Windows and macOS know them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

EXTRA = "pip install 'unmask-live[camera]'"
PRIVACY = {
    "win32": "allow desktop apps to use it under Settings > Privacy & security > Camera, and close "
    "what may hold it (a browser tab, Teams, Zoom, OBS)",
    "darwin": "allow this program, or the terminal it is started from, under System Settings > "
    "Privacy & Security > Camera, then start it again",
}
_BACKENDS = {"win32": ("DSHOW", "MSMF"), "darwin": ("AVFOUNDATION",)}
_CONSENT = r"Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\webcam"

Listing = tuple[int, str, str, str]
"""Index, name, backend, path."""


def list_cameras(system: str, enumerate_with: Callable[[int], Any] | None = None) -> list[Listing]:
    """Return what the first of the system's backends lists; nothing without the package.

    One backend only: each numbers the same cameras in its own way.
    """
    ask = enumerate_with or _package()
    if ask is None:
        return []
    for backend in _BACKENDS.get(system, ()):
        try:
            import cv2

            found = list(ask(getattr(cv2, f"CAP_{backend}")))
        except Exception:  # of the system's own libraries; a list is not worth a crash
            continue
        if found:
            return [(item.index, item.name, backend, str(item.path or "")) for item in found]
    return []


def can_list() -> bool:
    """Tell whether the package that lists cameras is installed and loads."""
    return _package() is not None


def explain_none(system: str) -> str:
    """Say why no camera is listed, and what to do, as far as that can be known unopened."""
    if not can_list():
        return f"cameras cannot be listed by name here: {EXTRA} (by number, as in 0, they open)"
    if is_forbidden():
        return f"the system keeps cameras from this program: {PRIVACY.get(system, '')}"
    return "no camera is connected: plug one in"


def explain_refusal(system: str) -> str:
    """Say why a camera does not open, and what to do; goes on after its name."""
    return f"does not open: {PRIVACY.get(system, 'close other programs that use it')}"


def is_forbidden() -> bool:
    """Tell whether the system's privacy settings are known to forbid the camera."""
    if sys.platform == "win32":
        return any(_consent(key) == "Deny" for key in (_CONSENT, rf"{_CONSENT}\NonPackaged"))
    if sys.platform == "darwin":
        return _authorisation() in (1, 2)  # restricted, denied
    return False


def _package() -> Callable[[int], Any] | None:
    try:
        from cv2_enumerate_cameras import enumerate_cameras
    except Exception:  # missing, or its compiled part does not load
        return None
    ask: Callable[[int], Any] = enumerate_cameras
    return ask


if sys.platform == "win32":

    def _consent(key: str) -> str:
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                return str(winreg.QueryValueEx(opened, "Value")[0])
        except OSError:
            return ""


if sys.platform == "darwin":

    def _authorisation() -> int:
        try:
            from AVFoundation import AVCaptureDevice
        except ImportError:
            return 0
        return int(AVCaptureDevice.authorizationStatusForMediaType_("vide"))
