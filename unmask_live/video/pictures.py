"""Reading and writing still pictures: RGB, any name, transparency kept, put upright."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from unmask_live.errors import UserError
from unmask_live.types import Image
from unmask_live.video.extras import is_one_of_many, profile_of, with_comment, with_profile
from unmask_live.video.sink import COMMENT
from unmask_live.video.whole import whole_file

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
_QUALITY = {
    ".jpg": (cv2.IMWRITE_JPEG_QUALITY, 95),
    ".jpeg": (cv2.IMWRITE_JPEG_QUALITY, 95),
    ".webp": (cv2.IMWRITE_WEBP_QUALITY, 95),
}


@dataclass(frozen=True)
class Picture:
    """A still picture.

    Attributes
    ----------
    image : H×W×3 uint8, RGB, upright (the camera's EXIF orientation is applied)
    alpha : H×W uint8 transparency, or None
    profile : ICC profile that says what the RGB numbers mean; b"" is sRGB
    notes : one line for each thing in the file that is not in here
    """

    image: Image
    alpha: NDArray[np.uint8] | None = None
    profile: bytes = b""
    notes: tuple[str, ...] = ()


def read_picture(path: Path) -> Picture:
    """Read a picture.

    Raises
    ------
    UserError
        if there is no such file, it may not be read, or it is no picture or a damaged one
    """
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)  # cv2.imread fails on unicode names
    except FileNotFoundError:
        raise UserError(f"there is no file {path}") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
    if not data.size:
        raise UserError(f"{path} is empty (0 bytes)")
    try:
        bgr = cv2.imdecode(data, cv2.IMREAD_COLOR)
        raw = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    except cv2.error:
        bgr = raw = None
    if bgr is None or raw is None:
        raise UserError(f"{path} is not a picture that can be read, or it is damaged")
    image = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)
    alpha = None
    if raw.ndim == 3 and raw.shape[2] == 4:
        plane = raw[..., 3] / 257 if raw.dtype == np.uint16 else raw[..., 3]
        alpha = _turn_like(plane.astype(np.uint8), raw[..., :3], bgr)
    notes = []
    if raw.dtype != np.uint8:
        notes.append(f"{8 * raw.dtype.itemsize}-bit colour is written with 8 bits")
    whole = data.tobytes()
    if is_one_of_many(whole):
        notes.append("only the first of the file's pictures is taken")
    profile = profile_of(whole)
    if profile and profile[16:20] != b"RGB ":  # of grey or CMYK, which the pixels no longer are
        profile = b""
        notes.append("left out the colour profile: it is not one for RGB")
    return Picture(image, alpha, profile, tuple(notes))


def write_picture(
    path: Path, picture: Picture, *, force: bool = False, invented: bool = True
) -> tuple[str, ...]:
    """Write a picture in the format of the suffix, whole or not at all, saying what it is.

    PNG and JPEG carry `COMMENT` if the picture may show invented faces; the other formats have no
    place for it that is read. Returns a line for each thing that the format cannot hold.

    Raises
    ------
    UserError
        if the suffix is none of `SUFFIXES` or the file cannot be written
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UserError(
            f"cannot write a {suffix or 'nameless'} picture ({path}): use {', '.join(SUFFIXES)}"
        )
    pixels = cv2.cvtColor(picture.image, cv2.COLOR_RGB2BGR)
    notes = []
    if picture.alpha is not None:
        if suffix in (".png", ".webp", ".tif", ".tiff"):
            pixels = np.dstack([pixels, picture.alpha])
        else:
            notes.append(f"left out the transparency: {suffix} has none")
    ok, data = cv2.imencode(suffix, pixels, _QUALITY.get(suffix, ()))
    if not ok:
        raise UserError(f"cannot write {path}: the picture cannot be stored as {suffix}")
    written = data.tobytes()
    if invented:
        written = with_comment(written, COMMENT)
    if picture.profile:
        plain, written = written, with_profile(written, picture.profile)
        if written == plain:
            notes.append(
                f"left out the colour profile: only .png and .jpg get theirs, not {suffix}"
            )
    with whole_file(path, force=force) as temporary:
        temporary.write_bytes(written)
    return tuple(notes)


def _turn_like(
    alpha: NDArray[np.uint8], raw: NDArray[np.generic], upright: NDArray[np.generic]
) -> NDArray[np.uint8]:
    """Turn the alpha plane as OpenCV turned the colours (it leaves alpha out of that)."""
    if raw.dtype != np.uint8 or np.array_equal(raw, upright):
        return alpha
    for transpose in (False, True):
        for flip_y in (1, -1):
            for flip_x in (1, -1):
                turned = (raw.transpose(1, 0, 2) if transpose else raw)[::flip_y, ::flip_x]
                if np.array_equal(turned, upright):
                    same = (alpha.T if transpose else alpha)[::flip_y, ::flip_x]
                    return np.ascontiguousarray(same)
    return alpha
