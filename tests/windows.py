"""What tests of the window need to see: banners, pixels, threads."""

from __future__ import annotations

import threading
import time

from PyQt6.QtWidgets import QWidget

from unmask_live.app.window import Window

PATIENCE = 60_000
"""Milliseconds to wait for what should take far less: the machine may be busy."""


def threads_after(seconds: float) -> list[str]:
    """The program's threads that are still there after waiting so long for them to end."""
    end = time.monotonic() + seconds
    while True:
        left = [t.name for t in threading.enumerate() if t.name.startswith("unmask-")]
        if not left or time.monotonic() > end:
            return left
        time.sleep(0.01)


def texts(window: Window) -> list[str]:
    """What the banners say."""
    return [banner.message.text for banner in window.stage.banners.shown]


def pixel(widget: QWidget, x: float, y: float) -> tuple[int, int, int]:
    """The colour drawn at a place of a widget, device-independent pixels."""
    image = widget.grab().toImage()
    ratio = image.devicePixelRatio()
    colour = image.pixelColor(round(x * ratio), round(y * ratio))
    return colour.red(), colour.green(), colour.blue()
