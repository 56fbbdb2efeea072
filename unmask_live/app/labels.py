"""Sources and paths as people read them."""

from __future__ import annotations

from pathlib import Path

from unmask_live.video.capture import DEMO

_END = 12
"""Characters of a text's end that are kept when it is shortened."""


def shape_of(spec: str) -> str:
    """Return the icon for a source."""
    if "://" in spec:
        return "network"
    if spec == DEMO or Path(spec).suffix:
        return "film"
    return "camera"


def label_of_address(address: str) -> str:
    """Return a stream's host and path: no name and no password."""
    scheme, _, rest = address.partition("://")
    place = rest.split("?")[0]
    host, slash, path = place.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def shortened(text: str, most: int) -> str:
    """Return ``text`` with its middle left out if it is longer than ``most``."""
    if len(text) <= most:
        return text
    end = min(_END, most // 2)
    return f"{text[: most - end - 1]}…{text[-end:]}"
