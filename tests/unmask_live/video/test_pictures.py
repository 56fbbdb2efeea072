from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import picture

from unmask_live.errors import UserError
from unmask_live.video.pictures import SUFFIXES, Picture, read_picture, write_picture
from unmask_live.video.sink import COMMENT

IMAGE = picture(3)
ALPHA = np.tile(np.arange(96, dtype=np.uint8) * 2, (64, 1))


def exif(orientation: int) -> bytes:
    """A JPEG APP1 segment that holds the orientation tag and nothing else."""
    entry = b"\x01\x12\x00\x03\x00\x00\x00\x01" + bytes([0, orientation, 0, 0])
    body = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01" + entry + b"\x00\x00\x00\x00"
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_there_and_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"Grüße 面{suffix}"
    write_picture(path, Picture(IMAGE))
    back = read_picture(path)
    assert back.alpha is None
    if suffix in (".jpg", ".jpeg", ".webp"):
        assert np.abs(back.image.astype(int) - IMAGE).mean() < 5
    else:
        np.testing.assert_array_equal(back.image, IMAGE)


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif"])
def test_transparency_is_kept(tmp_path: Path, suffix: str) -> None:
    write_picture(tmp_path / f"a{suffix}", Picture(IMAGE, ALPHA))
    back = read_picture(tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(back.alpha, ALPHA)


def test_jpeg_drops_transparency(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.jpg", Picture(IMAGE, ALPHA))
    assert read_picture(tmp_path / "a.jpg").alpha is None


@pytest.mark.parametrize(
    ("orientation", "shown"),
    [(1, IMAGE), (3, IMAGE[::-1, ::-1]), (6, np.rot90(IMAGE, -1)), (8, np.rot90(IMAGE, 1))],
)
def test_camera_orientation_is_applied(tmp_path: Path, orientation: int, shown: np.ndarray) -> None:
    write_picture(tmp_path / "plain.jpg", Picture(IMAGE))
    data = (tmp_path / "plain.jpg").read_bytes()
    (tmp_path / "turned.jpg").write_bytes(data[:2] + exif(orientation) + data[2:])
    image = read_picture(tmp_path / "turned.jpg").image
    assert image.shape == shown.shape
    assert np.abs(image.astype(int) - shown).mean() < 5


@pytest.mark.parametrize(
    ("pixels", "has_alpha"),
    [
        (np.full((5, 4), 128, np.uint8), False),
        (np.full((5, 4, 3), 128 * 257, np.uint16), False),
        (np.full((5, 4, 4), 128 * 257, np.uint16), True),
        (np.full((1, 1, 3), 128, np.uint8), False),
    ],
)
def test_grey_16_bit_and_tiny_become_rgb(
    tmp_path: Path, pixels: np.ndarray, has_alpha: bool
) -> None:
    (tmp_path / "a.png").write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    back = read_picture(tmp_path / "a.png")
    assert back.image.shape == (*pixels.shape[:2], 3)
    assert set(back.image.ravel()) == {128}
    assert (back.alpha is not None) == has_alpha
    if back.alpha is not None:
        assert set(back.alpha.ravel()) == {128}


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_the_file_says_what_it_is(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    write_picture(path, Picture(IMAGE))
    data = path.read_bytes()
    assert COMMENT.encode() in data[:200]
    if suffix == ".jpg":
        assert data[2:4] == b"\xff\xe0", "JFIF comes first, by its own specification"
    write_picture(path, Picture(IMAGE), force=True, invented=False)
    assert b"unmask_live" not in path.read_bytes()


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n", b"plain text, whatever the name says"])
def test_what_is_no_picture(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(UserError, match=r"is empty|not a picture") as caught:
        read_picture(tmp_path / "a.png")
    assert "\n" not in str(caught.value)


def test_missing_and_unknown(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no file"):
        read_picture(tmp_path / "a.png")
    with pytest.raises(UserError, match=r"cannot write a \.xyz picture"):
        write_picture(tmp_path / "a.xyz", Picture(IMAGE))


PROFILE = bytes(16) + b"RGB " + np.random.default_rng(0).bytes(100_000)


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_a_colour_profile_is_kept(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    assert write_picture(path, Picture(IMAGE, profile=PROFILE)) == ()
    back = read_picture(path)
    assert back.profile == PROFILE
    assert np.abs(back.image.astype(int) - IMAGE).mean() < 5
    assert COMMENT.encode() in path.read_bytes()


def test_a_profile_for_grey_is_left_out_and_told(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png", Picture(IMAGE, profile=bytes(16) + b"GRAY" + bytes(9)))
    back = read_picture(tmp_path / "a.png")
    assert back.profile == b""
    assert "colour profile" in back.notes[0]


def test_what_a_format_cannot_hold_is_told(tmp_path: Path) -> None:
    assert "transparency" in write_picture(tmp_path / "a.jpg", Picture(IMAGE, ALPHA))[0]
    assert "profile" in write_picture(tmp_path / "a.bmp", Picture(IMAGE, profile=PROFILE))[0]


def test_what_is_not_read_is_told(tmp_path: Path) -> None:
    deep = tmp_path / "deep.png"
    deep.write_bytes(cv2.imencode(".png", IMAGE.astype(np.uint16) * 257)[1].tobytes())
    assert read_picture(deep).notes == ("16-bit colour is written with 8 bits",)
    pages = tmp_path / "pages.tif"
    cv2.imwritemulti(str(pages), [IMAGE, IMAGE])
    assert read_picture(pages).notes == ("only the first of the file's pictures is taken",)
    write_picture(tmp_path / "page.tif", Picture(IMAGE))
    assert read_picture(tmp_path / "page.tif").notes == ()
