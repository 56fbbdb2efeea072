"""What a picture file holds besides its pixels, read and written byte by byte.

Formats: PNG (ISO/IEC 15948), JPEG (ISO/IEC 10918-1), told by their first bytes.
"""

from __future__ import annotations

import struct
import zlib

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8"
_HEADER_END = len(PNG) + 25
"""Where PNG's IHDR chunk ends."""


def with_comment(data: bytes, comment: str) -> bytes:
    """Return a PNG or JPEG with a comment in it; any other file as it is."""
    text = comment.encode("ascii")
    if data.startswith(PNG):
        return _insert(data, _HEADER_END, _chunk(b"tEXt", b"Comment\x00" + text))
    if data.startswith(JPEG):
        return _insert(data, _after_application_segments(data), _segment(0xFE, text))
    return data


def _insert(data: bytes, place: int, more: bytes) -> bytes:
    return data[:place] + more + data[place:]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def _after_application_segments(data: bytes) -> int:
    """Return where a JPEG's leading APPn segments end: JFIF must come first, Exif and ICC early."""
    place = len(JPEG)
    while data[place : place + 1] == b"\xff" and 0xE0 <= data[place + 1] <= 0xEF:
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return place
