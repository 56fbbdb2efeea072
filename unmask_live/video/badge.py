"""The badge that says, in the picture itself, that faces are invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from unmask_live.types import Face, Floats, Image

TEXT = "AI-reconstructed"
CORNERS = ("bottom left", "bottom right", "top left", "top right")
"""In the order in which they are tried."""
_SHARE = 0.042
"""Height of the badge, as a share of the picture's shorter side."""
_SMALLEST = 18
"""Least height, pixels: below it the text cannot be read."""
_WIDEST = 0.96
"""Most of the picture's width that a badge may take."""
_INK_HEIGHT = 0.46
"""Height of the letters, as a share of the badge's."""
_OPACITY = 0.68
_PAPER, _INK = 18.0, 242.0
_FINE = 4
"""The badge is drawn this many times larger and then averaged, for smooth edges."""
_FONT = cv2.FONT_HERSHEY_SIMPLEX


@dataclass(frozen=True)
class _Pill:
    """A drawn badge: ``over`` is added to what is left of the picture by ``keep``, 0..1."""

    over: Floats
    keep: Floats


class Badge:
    """Paints the badge into the pictures of one video; stays in its corner while that is free.

    Parameters
    ----------
    text : what it says, in ASCII
    """

    def __init__(self, text: str = TEXT) -> None:
        self._text = text
        self.corner = CORNERS[0]

    def __call__(self, image: Image, faces: Sequence[Face] = ()) -> Image:
        """Return a copy of the H×W×3 uint8 RGB ``image`` with the badge in a corner.

        The corner is left only when a face's box lies over it and another corner is free. Outside
        the badge's own rectangle the copy is equal to ``image``.
        """
        out: Image = image.copy()
        height, width = image.shape[:2]
        if height < 4 or width < 4:
            return out
        pill = _draw(self._text, width, height)
        size = (pill.keep.shape[1], pill.keep.shape[0])
        self.corner = _free_corner(self.corner, size, (width, height), faces)
        x, y = _place(self.corner, size, (width, height))
        part = out[y : y + size[1], x : x + size[0]]
        part[:] = part * pill.keep + pill.over
        return out


def add_badge(image: Image, faces: Sequence[Face] = (), *, text: str = TEXT) -> Image:
    """Return a copy of one H×W×3 uint8 RGB picture with ``text`` in a corner where no face lies.

    Bottom left if it is free. In a video use a `Badge`, which does not jump to and fro.
    """
    return Badge(text)(image, faces)


def _free_corner(
    current: str, size: tuple[int, int], whole: tuple[int, int], faces: Sequence[Face]
) -> str:
    for corner in (current, *CORNERS):
        x, y = _place(corner, size, whole)
        if not any(_overlap((x, y, x + size[0], y + size[1]), face.box) for face in faces):
            return corner
    return current


def _overlap(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _place(corner: str, size: tuple[int, int], whole: tuple[int, int]) -> tuple[int, int]:
    """Return where the badge's upper left pixel lies, (x, y)."""
    margin = size[1] // 2
    margins = [min(margin, (side - own) // 2) for side, own in zip(whole, size, strict=True)]
    x = margins[0] if corner.endswith("left") else whole[0] - size[0] - margins[0]
    y = margins[1] if corner.startswith("top") else whole[1] - size[1] - margins[1]
    return x, y


@lru_cache(maxsize=8)
def _draw(text: str, width: int, height: int) -> _Pill:
    """Draw the badge for pictures of a size, once."""
    tall = max(_SMALLEST, round(_SHARE * min(width, height)))
    letters = _letters(text, tall)
    wide = letters.shape[1] + tall  # half its height free at either end
    shape = np.zeros((tall * _FINE, wide * _FINE), np.uint8)
    radius = tall * _FINE // 2
    cv2.rectangle(shape, (radius, 0), (shape.shape[1] - radius, shape.shape[0]), 255, -1)
    for x in (radius, shape.shape[1] - radius - 1):
        cv2.circle(shape, (x, radius), radius, 255, -1)
    inside = cv2.resize(shape, (wide, tall), interpolation=cv2.INTER_AREA) / np.float32(255)
    ink = np.zeros((tall, wide), np.float32)
    ink[:, tall // 2 : tall // 2 + letters.shape[1]] = letters
    # The letters are opaque: what lies behind must not make them harder to read.
    alpha = np.maximum(inside * _OPACITY, ink)
    over = alpha * (_PAPER + (_INK - _PAPER) * ink)
    room = (max(1, int(width * _WIDEST)), max(1, int(height * _WIDEST)))
    shrink = min(1.0, room[0] / wide, room[1] / tall)
    if shrink < 1:
        small = (max(1, int(wide * shrink)), max(1, int(tall * shrink)))
        alpha, over = (cv2.resize(p, small, interpolation=cv2.INTER_AREA) for p in (alpha, over))
    # Half a level, so that the cut to whole numbers rounds.
    return _Pill(_grey(over + 0.5 * (alpha > 0)), _grey(1 - alpha))


def _letters(text: str, tall: int) -> Floats:
    """Return the text's coverage, ``tall`` rows of float32 in 0..1, cut to its ink at the sides."""
    stroke = 2 * _FINE
    (wide, high), below = cv2.getTextSize(text, _FONT, _FINE, stroke)
    sheet = np.zeros((3 * (high + below), wide + 4 * high), np.uint8)
    cv2.putText(sheet, text, (2 * high, 2 * high), _FONT, _FINE, 255, stroke, cv2.LINE_AA)
    # Measured, not computed: OpenCV's versions draw the same font with different outlines.
    x, y, wide, high = cv2.boundingRect(sheet)
    ink = max(1, round(_INK_HEIGHT * tall))
    size = (max(1, round(wide * ink / max(1, high))), ink)
    small = cv2.resize(sheet[y : y + high, x : x + wide], size, interpolation=cv2.INTER_AREA)
    letters = np.zeros((tall, size[0]), np.float32)
    top = (tall - ink) // 2
    letters[top : top + ink] = small / np.float32(255)
    return letters


def _grey(plane: NDArray[np.generic]) -> Floats:
    """Return the plane as H×W×3 float32, each colour the same."""
    grey: Floats = np.repeat(plane.astype(np.float32)[..., None], 3, axis=2)
    return grey
