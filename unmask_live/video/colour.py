"""YUV to RGB and back with the clip's own matrix and range, so that colours come back unchanged."""

from __future__ import annotations

from dataclasses import dataclass

import av
import numpy as np
from av.video.reformatter import ColorRange, VideoReformatter

from unmask_live.types import Image

_MATRICES = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9, 10: 9}
"""Matrix coefficients as numbered in ITU-T H.273, to swscale's number (``SWS_CS_*``); numbers,
since PyAV's `Colorspace` has not named all of them in every version."""
UNSPECIFIED = 2
HD_HEIGHT = 720
"""From here on players take an untagged clip for BT.709, below for BT.601."""


@dataclass(frozen=True)
class Colour:
    """How a clip's YUV is meant.

    Attributes
    ----------
    matrix, primaries, transfer : H.273 numbers as tagged in the clip (2 is unspecified)
    full_range : whether luma spans 0..255 rather than 16..235
    tagged_range : the range as tagged: 0 unspecified, 1 limited, 2 full
    space : the matrix to convert with, swscale's number
    """

    matrix: int
    primaries: int
    transfer: int
    full_range: bool
    tagged_range: int
    space: int

    @classmethod
    def of(cls, frame: av.VideoFrame) -> Colour:
        """Read the tags of a decoded frame; guess by size what is not tagged, as players do."""
        side = min(frame.height, frame.width)
        guess = 1 if side >= HD_HEIGHT else 6
        matrix, tagged = int(frame.colorspace), int(frame.color_range)
        full = tagged == int(ColorRange.JPEG) or frame.format.name.startswith("yuvj")
        if frame.format.is_rgb or (matrix not in _MATRICES and matrix != UNSPECIFIED):
            # Not YUV, or a matrix swscale lacks: the written clip gets one that players know.
            matrix, full, tagged = guess, False, int(ColorRange.MPEG)
        if full:
            tagged = int(ColorRange.JPEG)
        return cls(
            matrix=matrix,
            primaries=int(frame.color_primaries),
            transfer=int(frame.color_trc),
            full_range=full,
            tagged_range=tagged,
            space=_MATRICES.get(matrix, _MATRICES[guess]),
        )

    def is_of(self, frame: av.VideoFrame) -> bool:
        """Tell whether a frame's YUV is meant like this as it is."""
        return int(frame.colorspace) == self.matrix and Colour.of(frame) == self

    @property
    def range(self) -> ColorRange:
        """The range to convert with."""
        return ColorRange.JPEG if self.full_range else ColorRange.MPEG


class Converter:
    """Converts the frames of one clip; keeps swscale's tables between them. One thread only."""

    def __init__(self, colour: Colour) -> None:
        self._colour = colour
        self._scaler = VideoReformatter()

    def to_rgb(self, frame: av.VideoFrame, width: int, height: int) -> Image:
        """Decode to H×W×3 uint8 RGB; a frame of another size (it happens midway) is scaled."""
        yuv = not frame.format.is_rgb
        rgb = self._scaler.reformat(
            frame,
            width=width,
            height=height,
            format="rgb24",
            src_colorspace=self._colour.space if yuv else None,
            src_color_range=self._colour.range if yuv else None,
            dst_color_range=ColorRange.JPEG,
            threads=1,  # the stages already run side by side
        )
        image: Image = rgb.to_ndarray().astype(np.uint8, copy=False)
        return image

    def from_rgb(self, image: Image, pixel_format: str) -> av.VideoFrame:
        """Turn H×W×3 uint8 RGB into a frame of the clip's matrix and range."""
        rgb = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        return self._scaler.reformat(
            rgb,
            format=pixel_format,
            src_color_range=ColorRange.JPEG,
            dst_colorspace=self._colour.space,
            dst_color_range=self._colour.range,
            threads=1,
        )
