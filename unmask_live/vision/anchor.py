"""Where the crop lies, frame by frame: carried along with the picture, drawn gently to the finder.

The finder is right on average but noisy, and a crop that trembles makes the network paint another
face each time. The skin and brows around the eyes, which a mask leaves free, tell how the face has
moved since the last frame far more exactly (Lucas and Kanade's flow of a few points); only the slow
drift of that is left for the finder to correct. So the crop neither trembles nor lags.
"""

from __future__ import annotations

import cv2
import numpy as np

from unmask_live.types import Floats, Image
from unmask_live.vision import align
from unmask_live.vision.plane import (
    Complexes,
    Similarity,
    after,
    fit,
    inverse,
    matrix_of,
    move,
    of_matrix,
)
from unmask_live.vision.steady import LEAST_STEP

SETTLE_SECONDS = 1.5
"""Time constant with which the crop comes to where the finder sees it."""
_FIRST_SECONDS = 0.1
"""The same for a face that is new, of which a few looks are known; it grows with its age."""
APART = 0.08
"""Distance from there, in eye distances or as a part of the scale, beyond which it hurries."""
_HURRY = 4.0
_LOST_SECONDS = 0.04
"""The same time constant where the picture does not tell how the face moved."""
_HALF = 0.5
_CORNER, _SIZE = np.array([16.0, 0.0]), (96, 72)
"""Part of the halved crop that is looked at: the eyes and what is around them."""
_STRAY = 16.0
"""How far the face may stray from the middle of what is looked at, crop pixels."""
_MOST_ZOOM = 0.08
_CENTRE = complex(*align.EYES)


def _grid() -> Complexes:
    x, y = np.meshgrid(np.linspace(62, 194, 6), np.linspace(36, 112, 4))
    return np.asarray((x + 1j * y).ravel())


_POINTS = _grid()


class Anchor:
    """Keeps the crop of one face in its place on it."""

    def __init__(self) -> None:
        self._place: Similarity | None = None
        self._view: Similarity = (1, 0)
        self._seen: Image | None = None
        self._shape: tuple[int, ...] = ()
        self._time = self._since = 0.0

    def __call__(self, frame: Image, keypoints: Floats | None, seconds: float) -> Floats | None:
        """Return the (2, 3) float32 similarity from the frame's pixels to the crop's.

        Parameters
        ----------
        frame : H×W×3 uint8 RGB
        keypoints : (5, 2), what the finder saw in this frame, unfiltered, or saw last and was
            followed to where it is now; None if the face is lost
        seconds : the frame's time; must not fall

        Returns
        -------
        None as long as the finder has not told where the face is.
        """
        found = _found(keypoints)
        step, self._time = seconds - self._time, seconds
        if self._place is None or frame.shape != self._shape:
            self._place, self._since = found or self._place, seconds
        else:
            moved = self._follow(frame)
            if found is not None:
                age = seconds - self._since
                patience = min(SETTLE_SECONDS, _FIRST_SECONDS + age) if moved else _LOST_SECONDS
                self._place = _drawn(self._place, found, max(step, LEAST_STEP) / patience)
        self._shape = frame.shape
        if self._place is None:
            return None
        self._keep(frame)
        return matrix_of(self._place)

    def _follow(self, frame: Image) -> bool:
        """Move the place as the picture moved; tell whether that could be told."""
        assert self._place is not None
        now = _look(frame, self._view)
        before, self._seen = self._seen, now
        if before is None or now is None:
            return False
        points = move(after(self._view, inverse(self._place)), _POINTS)
        motion = _motion(before, now, points)
        if motion is None:
            return False
        back = after(inverse(self._view), after(inverse(motion), self._view))
        self._place = after(self._place, back)
        return True

    def _keep(self, frame: Image) -> None:
        """Look at the face anew where it has strayed from the middle of what is looked at."""
        assert self._place is not None
        a, b = after(self._view, inverse(self._place))
        if self._seen is None or abs(a - 1) > _MOST_ZOOM or abs(a * _CENTRE + b - _CENTRE) > _STRAY:
            self._view = self._place
            self._seen = _look(frame, self._view)


def _found(keypoints: Floats | None) -> Similarity | None:
    if keypoints is None:
        return None
    try:
        return of_matrix(align.similarity(keypoints))
    except ValueError:
        return None


def _drawn(place: Similarity, found: Similarity, share: float) -> Similarity:
    """Bring the place nearer to what was found, about the eyes' middle in the crop.

    Parameters
    ----------
    share : time gone by over the time constant
    """
    turn, shift = after(found, inverse(place))
    zoom, away = np.log(turn), turn * _CENTRE + shift - _CENTRE
    apart = max(abs(away) / align.EYE_DISTANCE, abs(zoom))
    hurry = 1 + _HURRY * max(0.0, apart / APART - 1)
    near = 1 - np.exp(-share * hurry)
    part = complex(np.exp(near * zoom))
    return after((part, _CENTRE - part * _CENTRE + complex(near * away)), place)


def _look(frame: Image, view: Similarity) -> Image | None:
    """Cut the grey part around the eyes at half the crop's size; None if outside of the frame."""
    shift = matrix_of(view).astype(np.float64) * _HALF
    shift[:, 2] -= _CORNER + _HALF * (1 - _HALF)
    corners = np.array([[0, 0], [_SIZE[0], 0], _SIZE, [0, _SIZE[1]]], np.float32)
    reach = align.apply(align.invert(shift.astype(np.float32)), corners)
    low = np.maximum(np.floor(reach.min(0)).astype(int) - 1, 0)
    high = np.minimum(np.ceil(reach.max(0)).astype(int) + 2, frame.shape[1::-1])
    if (high - low).min() < 2:
        return None
    grey = cv2.cvtColor(frame[low[1] : high[1], low[0] : high[0]], cv2.COLOR_RGB2GRAY)
    shift[:, 2] += shift[:, :2] @ low
    times = int(1 / max(float(np.hypot(shift[0, 0], shift[0, 1])), 1e-3))
    times = min(times, *grey.shape)
    if times > 1:  # average first, or a near face would alias
        width, height = grey.shape[1] // times, grey.shape[0] // times
        whole = grey[: height * times, : width * times]
        grey = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
        shift[:, 2] += shift[:, :2].sum(1) * ((times - 1) / 2)
        shift[:, :2] *= times
    cut = cv2.warpAffine(grey, shift, _SIZE, borderMode=cv2.BORDER_REPLICATE)
    return cut.astype(np.uint8, copy=False)


def _motion(before: Image, now: Image, points: Complexes) -> Similarity | None:
    """Return how (N,) crop points moved from one look to the next; None where that is unsure."""
    places = np.stack([points.real, points.imag], 1) * _HALF - _CORNER - _HALF * (1 - _HALF)
    start = places.astype(np.float32)[:, None]
    # The flow takes brightness for constant; a lamp or the camera's exposure may change it.
    even = cv2.convertScaleAbs(now, alpha=(cv2.mean(before)[0] + 1) / (cv2.mean(now)[0] + 1))
    end, found, _ = cv2.calcOpticalFlowPyrLK(
        before, even, start, np.empty_like(start), winSize=(13, 13), maxLevel=2,
        criteria=(cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 10, 0.02),
    )  # fmt: skip
    kept = found[:, 0] > 0
    if int(kept.sum()) < len(points) // 3:
        return None
    off = (end - start)[kept, 0] / _HALF
    return fit(points[kept], points[kept] + off[:, 0] + 1j * off[:, 1])
