"""The boxes an MP4 file is made of (ISO/IEC 14496-12, 4.2)."""

from __future__ import annotations

from pathlib import Path


def whole_length(path: Path) -> int:
    """Return how many bytes from the beginning of a growing MP4 file are whole.

    A part of it is a table (moof) and the data it speaks of (mdat): both or neither.
    """
    whole = 0
    with path.open("rb") as file:
        size = file.seek(0, 2)
        place = 0
        while place + 8 <= size:
            file.seek(place)
            head = file.read(16)
            length, kind = int.from_bytes(head[:4], "big"), head[4:8]
            if length == 1:
                length = int.from_bytes(head[8:], "big")
            if length < 8 or place + length > size:
                break
            place += length
            if kind != b"moof":
                whole = place
    return whole
