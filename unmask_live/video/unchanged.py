"""A decoded frame kept where its picture was not changed: only what was is converted once more.

It saves most of the way back from RGB, and what lies around the faces reaches the encoder exactly
as the decoder gave it.
"""

from __future__ import annotations

from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from unmask_live.types import Image
from unmask_live.video.colour import Converter

LAYOUT = "yuv420p"
SAME_LAYOUT = {LAYOUT, "yuvj420p"}
"""Formats whose planes can be copied; the second differs in the range, which the file tells."""
MARGIN = 8
"""Pixels converted all around what was changed and not used: swscale looks at neighbours. Even,
since two pixels share one colour in each direction."""

Box = tuple[int, int, int, int]


def changed_box(before: Image, after: Image) -> Box | None:
    """Return (x0, y0, x1, y1) around all pixels that differ; None where none does.

    Parameters
    ----------
    before, after : H×W×3 uint8 RGB of one shape
    """
    if after is before:
        return None
    height, width = after.shape[:2]
    a, b = (np.ascontiguousarray(image).reshape(height, -1) for image in (before, after))
    whole = np.uint64 if width * 3 % 8 == 0 else np.uint8  # eight bytes at a time
    rows = np.flatnonzero((a.view(whole) != b.view(whole)).any(1))
    if not rows.size:
        return None
    y0, y1 = int(rows[0]), int(rows[-1]) + 1
    values = np.flatnonzero((a[y0:y1] != b[y0:y1]).any(0))
    return int(values[0]) // 3, y0, int(values[-1]) // 3 + 1, y1


def patched(
    stored: av.VideoFrame, before: Image, after: Image, converter: Converter
) -> av.VideoFrame:
    """Return a new frame: ``stored``, and what was changed in it.

    Parameters
    ----------
    stored : as it was decoded, in one of `SAME_LAYOUT`
    before : H×W×3 uint8 RGB, what was made of it
    after : the same with changes
    """
    out = av.VideoFrame(stored.width, stored.height, LAYOUT)
    planes = [_plane(out, index) for index in range(3)]
    for index, plane in enumerate(planes):
        plane[:] = _plane(stored, index)
    out.colorspace, out.color_range = stored.colorspace, stored.color_range
    box = changed_box(before, after)
    if box is not None:
        x0, y0, x1, y1 = _even(box)
        left, top = max(0, x0 - MARGIN), max(0, y0 - MARGIN)
        wide = after[top : y1 + MARGIN, left : x1 + MARGIN]
        small = converter.from_rgb(wide, LAYOUT)
        for index, plane in enumerate(planes):
            by = 1 if index == 0 else 2
            rows = slice((y0 - top) // by, (y1 - top) // by)
            columns = slice((x0 - left) // by, (x1 - left) // by)
            plane[y0 // by : y1 // by, x0 // by : x1 // by] = _plane(small, index)[rows, columns]
    return out


def _even(box: Box) -> Box:
    """Widen a box to whole colour samples; sides of the picture are even."""
    x0, y0, x1, y1 = box
    return x0 // 2 * 2, y0 // 2 * 2, (x1 + 1) // 2 * 2, (y1 + 1) // 2 * 2


def _plane(frame: av.VideoFrame, index: int) -> NDArray[np.uint8]:
    """Return a plane as H×W uint8, a view."""
    plane: Any = frame.planes[index]  # a buffer, which its stubs do not say
    rows: NDArray[np.uint8] = np.frombuffer(plane, np.uint8)
    return rows.reshape(plane.height, plane.line_size)[:, : plane.width]
