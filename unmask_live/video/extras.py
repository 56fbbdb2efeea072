"""What a picture file holds besides its pixels, read and written byte by byte.

Formats: PNG (ISO/IEC 15948), JPEG (ISO/IEC 10918-1), told by their first bytes.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Literal

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8"
_ICC = b"ICC_PROFILE\x00"
_PART = 65533 - len(_ICC) - 2
"""Most of a profile that one JPEG segment holds (ICC.1:2022, annex B.4)."""
_APPLICATION = [bytes([marker]) for marker in range(0xE0, 0xF0)]
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


def with_profile(data: bytes, profile: bytes) -> bytes:
    """Return a PNG (iCCP chunk) or JPEG (APP2 segments) with an ICC profile; any other as it is."""
    if data.startswith(PNG):
        return _insert(data, _HEADER_END, _chunk(b"iCCP", b"ICC\x00\x00" + zlib.compress(profile)))
    if data.startswith(JPEG) and len(profile) <= 255 * _PART:
        parts = [profile[i : i + _PART] for i in range(0, len(profile), _PART)]
        segments = [
            _segment(0xE2, _ICC + bytes([number, len(parts)]) + part)
            for number, part in enumerate(parts, 1)
        ]
        return _insert(data, _after_application_segments(data), b"".join(segments))
    return data


def profile_of(data: bytes) -> bytes:
    """Return the ICC profile of a PNG, JPEG or WebP; b"" if there is none, or a damaged one."""
    if data.startswith(JPEG):
        end, place, parts = _after_application_segments(data), len(JPEG), {}
        while place < end:
            size = int.from_bytes(data[place + 2 : place + 4], "big")
            body = data[place + 4 : place + 2 + size]
            if data[place + 1] == 0xE2 and body.startswith(_ICC) and len(body) > len(_ICC) + 2:
                parts[body[len(_ICC)]] = body[len(_ICC) + 2 :]
            place += 2 + size
        return b"".join(parts[number] for number in sorted(parts))
    for kind, body in _chunks(data):
        if kind == b"ICCP":
            return body
        if kind == b"iCCP":
            try:
                return zlib.decompress(body[body.index(b"\x00") + 2 :])
            except (ValueError, zlib.error):
                return b""
    return b""


def is_one_of_many(data: bytes) -> bool:
    """Tell whether a PNG or WebP is animated or a TIFF has several pages."""
    if data[:4] in (b"II*\x00", b"MM\x00*"):
        order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
        first = int.from_bytes(data[4:8], order)
        end = first + 2 + 12 * int.from_bytes(data[first : first + 2], order)
        return any(data[end : end + 4])  # where the next page's directory lies
    return any(kind in (b"acTL", b"ANIM") for kind, _ in _chunks(data))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (kind, body) of each chunk of a PNG or WebP; nothing for other files."""
    if data.startswith(PNG):
        place = len(PNG)
        while place + 8 <= len(data):
            size = int.from_bytes(data[place : place + 4], "big")
            yield data[place + 4 : place + 8], data[place + 8 : place + 8 + size]
            place += 12 + size
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        place = 12
        while place + 8 <= len(data):
            size = int.from_bytes(data[place + 4 : place + 8], "little")
            yield data[place : place + 4], data[place + 8 : place + 8 + size]
            place += 8 + size + size % 2


def _insert(data: bytes, place: int, more: bytes) -> bytes:
    return data[:place] + more + data[place:]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def _after_application_segments(data: bytes) -> int:
    """Return where a JPEG's leading APPn segments end: JFIF must come first, Exif and ICC early."""
    place = len(JPEG)
    while data[place : place + 1] == b"\xff" and data[place + 1 : place + 2] in _APPLICATION:
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return place
