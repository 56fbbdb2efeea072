"""Where faces go between two looks of the finder, told from the upper face alone.

The grey patch around the eyes, which a mask leaves free, is sought around the place where it should
be by now (normalised cross-correlation, to a part of a pixel). It always stems from the last look
of the finder, so that nothing drifts, and what is moved is what the finder saw then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from unmask_live.types import Detection, Floats, Image
from unmask_live.vision.track import Track

LONGEST = 0.125
"""Seconds after which the finder looks in any case: a slow camera's frames are far apart."""
SURE = 0.8
"""Correlation under which the patch counts as lost; on a face that is there it is above 0.95."""
_EYES = 24.0
"""Distance between the eyes in the patch, pixels."""
_REACH = (1.0, 0.8, 0.35)
"""How far the patch reaches to both sides of the eyes' middle, up, and down, in eye distances."""
_MARGIN = 12
"""How far around the expected place it is sought, pixels of the patch."""

_Point = NDArray[np.float64]


class Follower:
    """Follows one face from where the finder saw it.

    Parameters
    ----------
    frame : H×W×3 uint8 RGB, the one the finder looked at
    found : what it saw there
    seconds : the frame's time
    """

    def __init__(self, frame: Image, found: Detection, seconds: float) -> None:
        left, right = found.keypoints[:2].astype(np.float64)
        self._found = found
        self._start = self._place = (left + right) / 2
        self._scale = _EYES / max(float(np.hypot(*(right - left))), 1.0)
        self._time = seconds
        self._speed = np.zeros(2)
        self._patch = _cut(frame, self._start, self._scale, 0)

    def __call__(self, frame: Image, seconds: float) -> Detection | None:
        """Return what the finder saw, moved to where the face is now; None if that is unsure."""
        step = seconds - self._time
        expected = self._place + self._speed * step
        around = _cut(frame, expected, self._scale, _MARGIN)
        if self._patch is None or around is None:
            return None
        off = _offset(around, self._patch)
        if off is None:
            return None
        place = expected + off / self._scale
        if step > 0:
            self._speed = (place - self._place) / step
        self._place, self._time = place, seconds
        return _moved(self._found, place - self._start)


class Followers:
    """One follower a face, and the rule when the finder has to look again."""

    def __init__(self) -> None:
        self._followers: dict[int, Follower] = {}
        self._looked = -np.inf
        self._frames = 0

    def forget(self) -> None:
        """Let the finder look at the next frame."""
        self._followers = {}

    def look(self, frame: Image, tracks: Sequence[Track], seconds: float, every: int) -> None:
        """Begin anew from a look of the finder.

        Parameters
        ----------
        tracks : all of the tracker's, after that look
        every : the finder's next turn is after so many frames
        """
        self._looked, self._frames = seconds, 1
        self._followers = {}
        if every > 1 and all(_settled(track, seconds) for track in tracks):
            self._followers = {t.track_id: Follower(frame, t.place, seconds) for t in tracks}

    def __call__(
        self, frame: Image, tracks: Sequence[Track], seconds: float, every: int
    ) -> dict[int, Detection] | None:
        """Return where each face is, by track id; None if the finder has to look.

        It has to where its turn has come, where `LONGEST` has gone by, where there is no face,
        where one is new or was missed by the last look, and where one is lost from sight.
        """
        self._frames += 1
        if self._frames > every or seconds - self._looked >= LONGEST or not tracks:
            return None
        moved = {}
        for track in tracks:
            follower = self._followers.get(track.track_id)
            place = follower(frame, seconds) if follower else None
            if place is None:
                return None
            moved[track.track_id] = place
        return moved


def _settled(track: Track, seconds: float) -> bool:
    return track.confirmed and track.seen == seconds


def _cut(frame: Image, middle: _Point, scale: float, margin: int) -> Image | None:
    """Cut the grey patch around the eyes' middle; None if that lies outside of the frame."""
    side, up, down = (round(reach * _EYES) + margin for reach in _REACH)
    size = (2 * side + 1, up + down + 1)
    corner = middle - np.array([side, up]) / scale
    low = np.maximum(np.floor(corner).astype(int), 0)
    high = np.ceil(corner + np.array(size) / scale).astype(int) + 1
    high = np.minimum(high, frame.shape[1::-1])
    if (high - low).min() < 2:
        return None
    grey = cv2.cvtColor(frame[low[1] : high[1], low[0] : high[0]], cv2.COLOR_RGB2GRAY)
    if scale <= 0.5:  # average first, or a near face would alias
        grey = cv2.blur(grey, (int(1 / scale), int(1 / scale)))
    shift = np.array([[scale, 0, 0], [0, scale, 0]])
    shift[:, 2] = (low - corner) * scale
    patch = cv2.warpAffine(grey, shift, size, borderMode=cv2.BORDER_REPLICATE)
    return patch.astype(np.uint8, copy=False)


def _offset(around: Image, patch: Image) -> _Point | None:
    """Return where the patch lies, in its own pixels from the middle; None where it is unsure."""
    match: Floats = cv2.matchTemplate(around, patch, cv2.TM_CCOEFF_NORMED).astype(np.float32)
    _, best, _, (x, y) = cv2.minMaxLoc(match)
    inner = 0 < x < match.shape[1] - 1 and 0 < y < match.shape[0] - 1
    if best < SURE or not inner:
        return None
    across, along = match[y, x - 1 : x + 2], match[y - 1 : y + 2, x]
    return np.array([x + _vertex(across), y + _vertex(along)]) - _MARGIN


def _vertex(three: Floats) -> float:
    """Return where the parabola through three values is highest, -0.5..0.5 from the middle one."""
    before, peak, after = (float(value) for value in three)
    bend = before - 2 * peak + after
    return 0.5 * (before - after) / bend if bend < 0 else 0.0


def _moved(found: Detection, by: _Point) -> Detection:
    x0, y0, x1, y1 = found.box
    dx, dy = float(by[0]), float(by[1])
    return replace(
        found,
        box=(x0 + dx, y0 + dy, x1 + dx, y1 + dy),
        keypoints=(found.keypoints + by).astype(np.float32),
    )
