from __future__ import annotations

import cv2
import pytest
from clips import picture

from unmask_live.video.extras import is_one_of_many, profile_of, with_profile

PROFILE = bytes(range(256)) * 400


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp"])
def test_a_file_cut_anywhere_is_no_reason_to_fail(suffix: str) -> None:
    data = with_profile(cv2.imencode(suffix, picture(0))[1].tobytes(), PROFILE)
    for end in (*range(300), *range(300, len(data), 997)):
        profile_of(data[:end])
        is_one_of_many(data[:end])


def test_webp_profile_and_animation() -> None:
    def riff(kind: bytes, body: bytes) -> bytes:
        return b"RIFF\0\0\0\0WEBP" + kind + len(body).to_bytes(4, "little") + body

    assert profile_of(riff(b"ICCP", b"profile")) == b"profile"
    assert is_one_of_many(riff(b"ANIM", b"123456"))
    assert not is_one_of_many(riff(b"VP8 ", b"123456"))


def test_a_profile_too_large_for_jpeg_is_not_written() -> None:
    data = cv2.imencode(".jpg", picture(0))[1].tobytes()
    assert with_profile(data, bytes(17_000_000)) == data
