"""Every key and gesture in one table; the help sheet and the tooltips are made from it."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtGui import QKeySequence


@dataclass(frozen=True)
class Shortcut:
    """One thing keys do.

    Attributes
    ----------
    name : of the window's action; "" where the picture handles the keys itself
    keys : Qt's portable names; the first is shown
    text : what they do
    group : heading in the help sheet
    """

    name: str
    keys: tuple[str, ...]
    text: str
    group: str

    @property
    def shown(self) -> str:
        """The keys as this system writes them."""
        if not self.name:
            return self.keys[0]
        return QKeySequence(self.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)


_LIVE, _MOUSE, _LOOK, _WINDOW = "Live", "Mouse", "Compare and look", "Window"
TABLE = (
    Shortcut("start", ("S",), "Start or stop", _LIVE),
    Shortcut("sources", ("O",), "Choose a source", _LIVE),
    Shortcut("record", ("R",), "Record, or end the recording", _LIVE),
    Shortcut("snapshot", ("P",), "Take a snapshot", _LIVE),
    Shortcut("virtual", ("V",), "Virtual camera on or off", _LIVE),
    Shortcut("unmask", ("U",), "Take masks off, or leave them on", _LIVE),
    Shortcut("", ("Drag",), "Move the wipe", _MOUSE),
    Shortcut("", ("Press",), "Hold: show the original", _MOUSE),
    Shortcut("", ("Double click",), "Full screen", _MOUSE),
    Shortcut("", ("Drop a file",), "Convert it", _MOUSE),
    Shortcut("", ("Space",), "Hold: show the original", _LOOK),
    Shortcut("wipe", ("W",), "Before/after wipe on or off", _LOOK),
    Shortcut("", ("← →",), "Move the wipe; with Shift faster", _LOOK),
    Shortcut("", ("Home End",), "Wipe to the left or right edge", _LOOK),
    Shortcut("mattes", ("M",), "Show what is replaced", _LOOK),
    Shortcut("boxes", ("B",), "Show faces and track ids", _LOOK),
    Shortcut("convert", ("Ctrl+O",), "Convert a video or picture", _WINDOW),
    Shortcut("full", ("F", "F11"), "Full screen", _WINDOW),
    Shortcut("settings", ("Ctrl+,",), "Settings", _WINDOW),
    Shortcut("help", ("F1", "?"), "This sheet", _WINDOW),
    Shortcut("escape", ("Esc",), "Close what is open, leave the full screen", _WINDOW),
    Shortcut("quit", ("Ctrl+Q",), "Quit", _WINDOW),
)


def by_name(name: str) -> Shortcut:
    """Return the entry of an action (KeyError if there is none)."""
    for entry in TABLE:
        if entry.name and entry.name == name:
            return entry
    raise KeyError(name)


def tip(name: str, text: str = "") -> str:
    """Return a tooltip that names the key: ``Start or stop (S)``."""
    entry = by_name(name)
    return f"{text or entry.text} ({entry.shown})"
