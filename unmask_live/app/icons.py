"""Line icons on a 24×24 grid, drawn in the theme's colours at any pixel ratio."""

from __future__ import annotations

from PyQt6.QtCore import QByteArray, QRectF, Qt
from PyQt6.QtGui import QIcon, QPainter, QPixmap
from PyQt6.QtSvg import QSvgRenderer

SIZE = 20
"""Side of an icon in device-independent pixels."""
_RATIOS = (1.0, 1.5, 2.0, 3.0)

_SHAPES = {
    "play": '<path d="M8 5.5v13l10.5-6.5z" fill="{c}"/>',
    "stop": '<rect x="6.5" y="6.5" width="11" height="11" rx="2" fill="{c}"/>',
    "record": '<circle cx="12" cy="12" r="8.2"/><circle cx="12" cy="12" r="4.2" fill="{c}"/>',
    "snapshot": '<path d="M4 8.5h3.2L9 5.8h6l1.8 2.7H20a1 1 0 0 1 1 1v8.7a1 1 0 0 1-1 1H4a1 1 0 0 '
    '1-1-1V9.5a1 1 0 0 1 1-1z"/><circle cx="12" cy="13.4" r="3.4"/>',
    "virtual": '<rect x="3" y="5" width="18" height="11.5" rx="2"/><path d="M9 20h6M12 16.5V20"/>'
    '<circle cx="12" cy="10.7" r="2.4" fill="{c}"/>',
    "settings": '<path d="M4 7h9M19 7h1M4 17h1M11 17h9"/><circle cx="16" cy="7" r="2.6"/>'
    '<circle cx="8" cy="17" r="2.6"/>',
    "help": '<circle cx="12" cy="12" r="8.8"/><path d="M9.6 9.6a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.2.9'
    '-1.2 1.7"/><circle cx="12" cy="16.6" r=".6" fill="{c}"/>',
    "wipe": '<rect x="3" y="5" width="18" height="14" rx="2"/><path d="M12 3v18M6.5 12h2M15.5 12h2"'
    "/>",
    "overlay": '<path d="M4 8.5V5.5A1.5 1.5 0 0 1 5.5 4h3M15.5 4h3A1.5 1.5 0 0 1 20 5.5v3M20 15.5v3'
    'a1.5 1.5 0 0 1-1.5 1.5h-3M8.5 20h-3A1.5 1.5 0 0 1 4 18.5v-3"/><circle cx="12" cy="12" r="3.4"'
    "/>",
    "camera": '<rect x="3" y="6.5" width="12.5" height="11" rx="2"/>'
    '<path d="M15.5 11l5.5-3.3v8.6L15.5 13z"/>',
    "film": '<rect x="4" y="4.5" width="16" height="15" rx="2"/><path d="M8 4.5v15M16 4.5v15M4 9.5'
    'h4M4 14.5h4M16 9.5h4M16 14.5h4"/>',
    "network": '<circle cx="12" cy="12" r="8.8"/><path d="M3.4 12h17.2M12 3.2c5 5 5 12.6 0 17.6'
    'M12 3.2c-5 5-5 12.6 0 17.6"/>',
    "convert": '<path d="M4 12a8 8 0 0 1 13.7-5.6L20 8.5M20 4v4.5h-4.5M20 12a8 8 0 0 1-13.7 5.6'
    'L4 15.5M4 20v-4.5h4.5"/>',
    "close": '<path d="M6.5 6.5l11 11M17.5 6.5l-11 11"/>',
    "chevron": '<path d="M6 9.5l6 6 6-6"/>',
    "info": '<circle cx="12" cy="12" r="8.8"/><path d="M12 11v5.4"/>'
    '<circle cx="12" cy="7.9" r=".6" fill="{c}"/>',
    "warning": '<path d="M12 4.2L21 19.3H3z"/><path d="M12 10v4.2"/>'
    '<circle cx="12" cy="16.7" r=".6" fill="{c}"/>',
    "good": '<circle cx="12" cy="12" r="8.8"/><path d="M8.2 12.4l2.6 2.6 5-5.6"/>',
    "folder": '<path d="M3.5 7a1.5 1.5 0 0 1 1.5-1.5h4.2l2 2.3H19A1.5 1.5 0 0 1 20.5 9.3v8.2A1.5 '
    '1.5 0 0 1 19 19H5a1.5 1.5 0 0 1-1.5-1.5z"/>',
    "mask": '<path d="M12 3.2c4.6 0 7.2 3.2 7.2 7.6 0 5.6-3.4 10-7.2 10s-7.2-4.4-7.2-10c0-4.4 2.6-'
    '7.6 7.2-7.6z"/><path d="M5 12.2c2.3.3 4.6-.9 7-2.1 2.4 1.2 4.7 2.4 7 2.1M8.7 15h6.6M9.6 17.6'
    'h4.8"/>',
}
NAMES = tuple(_SHAPES)


def pixmap(name: str, colour: str, size: int = SIZE, ratio: float = 1.0) -> QPixmap:
    """Return one icon, ``size`` device-independent pixels square."""
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" '
        f'stroke="{colour}" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round">'
        f"{_SHAPES[name].format(c=colour)}</svg>"
    )
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    QSvgRenderer(QByteArray(drawing.encode())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return made


def icon(name: str, colour: str, *, checked: str | None = None, disabled: str = "") -> QIcon:
    """Return an icon for buttons; ``checked`` and ``disabled`` are its colours in these states."""
    made = QIcon()
    for ratio in _RATIOS:
        made.addPixmap(pixmap(name, colour, ratio=ratio))
        if checked is not None:
            made.addPixmap(pixmap(name, checked, ratio=ratio), state=QIcon.State.On)
        if disabled:
            made.addPixmap(pixmap(name, disabled, ratio=ratio), mode=QIcon.Mode.Disabled)
    return made
