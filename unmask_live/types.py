"""The small immutable values that travel between stages."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""H×W×3 uint8, RGB."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Frame:
    """One picture of a stream. A stage never writes into ``image``.

    Attributes
    ----------
    image : H×W×3 uint8, RGB
    pts : presentation time in units of ``time_base``
    time_base : seconds per unit of ``pts``
    index : position in the stream, from 0
    """

    image: Image
    pts: int
    time_base: Fraction
    index: int

    @property
    def seconds(self) -> float:
        """Presentation time in seconds."""
        return float(self.pts * self.time_base)


@dataclass(frozen=True)
class Detection:
    """A face as the finder sees it in one frame.

    Attributes
    ----------
    box : (x0, y0, x1, y1) in frame pixels; may reach over the frame's edge
    keypoints : (5, 2) float32, (x, y) pixels: image-left eye, image-right eye, nose tip,
        image-left mouth corner, image-right mouth corner (also where a mask hides them)
    score : 0..1
    sure : whether it may be followed as a new face; a fainter one only keeps a known face going
    """

    box: tuple[float, float, float, float]
    keypoints: Floats
    score: float
    sure: bool = True


@dataclass(frozen=True)
class Face:
    """A tracked face in the result.

    Attributes
    ----------
    box, keypoints, score : as in `Detection`; the keypoints are smoothed over time
    track_id : stays with one person while they are followed; from 1
    masked : whether a mask is seen on the face; slow to change, so as not to flicker
    matte : (256, 256) float32 in 0..1 in the aligned crop: what was replaced in this frame, soft
        border included; zeros if nothing was. It may outlast ``masked`` while a fill fades.
    transform : (2, 3) float32 similarity, frame pixels to crop pixels
    """

    box: tuple[float, float, float, float]
    keypoints: Floats
    score: float
    track_id: int
    masked: bool
    matte: Floats = field(repr=False)
    transform: Floats = field(repr=False)


@dataclass(frozen=True)
class Unmasked:
    """What `Unmasker` returns for one frame.

    Attributes
    ----------
    image : H×W×3 uint8, RGB; a new array, equal to the input where no matte lies
    faces : every face followed in this frame, bare ones too
    milliseconds : wall time of each stage (find, track, align, segment, inpaint, blend)
    """

    image: Image
    faces: tuple[Face, ...]
    milliseconds: dict[str, float] = field(default_factory=dict, repr=False)

    def __array__(self, *args: Any, **kwargs: Any) -> NDArray[Any]:
        """The picture, so that ``np.asarray(result)`` is what one expects."""
        return np.asarray(self.image, *args, **kwargs)
