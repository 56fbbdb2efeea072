"""Who is who from frame to frame, and steady keypoints.

The one-euro filter (Casiez, Roussel, Vogel 2012) runs on real timestamps and in units of the
face's own eye distance, so that near and far faces are steadied alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from unmask_live.types import Detection, Floats

HOLD_SECONDS = 0.5
"""How long a lost face is followed where it was last seen."""
FADE_SECONDS = 0.25
"""How long the last part of that is, over which the fill fades away; also the fade-in."""
CONFIRM = 2
"""Looks of the finder in a row that must see a face that turns up mid-stream before it is touched,
whatever the frame rate and however many frames lie between."""
PLAIN = 0.6
"""Score from which that is enough."""
FAINT_SECONDS = 0.8
"""How long one that scores less must be seen surely without a break: what looks like a face by
chance, a lamp or a reflection, seldom does so for long."""
_MATCH_IOU = 0.2


class OneEuro:
    """Low-pass filter whose cutoff rises with speed: calm at rest, quick in motion.

    Parameters
    ----------
    minimum : cutoff at rest, Hz
    beta : rise of the cutoff by speed, Hz per unit/s
    """

    def __init__(self, *, minimum: float = 1.5, beta: float = 6.0, derivative: float = 2.0) -> None:
        self.minimum, self.beta, self.derivative = minimum, beta, derivative
        self._value: Floats | None = None
        self._speed: Floats | None = None
        self._time = 0.0

    def __call__(self, value: Floats, seconds: float, unit: float = 1.0) -> Floats:
        """Return the filtered (N, 2) points.

        Parameters
        ----------
        seconds : the time of ``value``; not later than the last gives the last result
        unit : the length in which speed is measured, pixels
        """
        if self._value is None or self._speed is None:
            self._value, self._speed, self._time = value.copy(), np.zeros_like(value), seconds
            return np.asarray(value.copy(), np.float32)
        step = seconds - self._time
        if step <= 0:
            return np.asarray(self._value.copy(), np.float32)
        rise = _alpha(self.derivative, step)
        speed = (value - self._value) / step / max(unit, 1e-6)
        self._speed = self._speed + rise * (speed - self._speed)
        # One cutoff for the whole face: points filtered apart would bend it.
        pace = float(np.median(np.hypot(self._speed[:, 0], self._speed[:, 1])))
        follow = _alpha(self.minimum + self.beta * pace, step)
        self._value = self._value + follow * (value - self._value)
        self._time = seconds
        return np.asarray(self._value.copy(), np.float32)


def _alpha(cutoff: float, step: float) -> float:
    tau = 1 / (2 * np.pi * cutoff)
    return float(1 / (1 + tau / step))


@dataclass
class Track:
    """One face followed over time."""

    track_id: int
    box: tuple[float, float, float, float]
    keypoints: Floats
    score: float
    seen: float
    """When the finder last saw it, seconds."""
    place: Detection
    """What the finder saw last, unfiltered, moved to where the face was followed since."""
    placed: float
    """When it was there, seconds."""
    begun: float
    """When the finder first saw it, seconds."""
    hits: int = 1
    confirmed: bool = False
    masked: bool = False
    opacity: float = 0.0
    """How far the fill has faded in, 0..1."""
    filter: OneEuro = field(default_factory=OneEuro, repr=False)

    @property
    def eye_distance(self) -> float:
        """Pixels between the eyes."""
        across = self.keypoints[1] - self.keypoints[0]
        return max(float(np.hypot(across[0], across[1])), 1.0)

    def presence(self, seconds: float) -> float:
        """Return 1 while the face is seen, falling to 0 at the end of the hold."""
        left = HOLD_SECONDS - (seconds - self.seen)
        return float(np.clip(left / FADE_SECONDS, 0.0, 1.0))


class Tracker:
    """Joins detections to tracks: greedy, best overlap first."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self._next = 1

    def reset(self) -> None:
        """Forget every track and count from 1 again."""
        self.cut()
        self._next = 1

    def cut(self) -> None:
        """Forget every track, as after a change of scene; ids go on, so none is given twice."""
        self.tracks.clear()

    def __call__(
        self, detections: Iterable[Detection], seconds: float, *, at_once: bool = False
    ) -> list[Track]:
        """Return the tracks to draw in this frame.

        Parameters
        ----------
        detections : in this frame; one that is not sure only keeps a track going
        seconds : its time; must not fall
        at_once : trust new faces without waiting: the first frame of a stream, or after a cut
        """
        free = list(detections)
        pairs = sorted(
            (
                (_overlap(t.box, d.box), i, j)
                for i, t in enumerate(self.tracks)
                for j, d in enumerate(free)
            ),
            reverse=True,
        )
        taken_tracks: set[int] = set()
        taken: set[int] = set()
        for overlap, i, j in pairs:
            if overlap < _MATCH_IOU:
                break
            if i in taken_tracks or j in taken:
                continue
            taken_tracks.add(i)
            taken.add(j)
            _update(self.tracks[i], free[j], seconds)
            if not (free[j].sure or self.tracks[i].confirmed):
                taken_tracks.discard(i)
        for i, track in enumerate(self.tracks):
            if i not in taken_tracks and not track.confirmed:
                track.seen = -np.inf  # not seen surely this time: a false find, dropped below
        for j, detection in enumerate(free):
            if j not in taken and detection.sure:
                self.tracks.append(self._begin(detection, seconds, at_once))
        self.tracks = [t for t in self.tracks if seconds - t.seen < HOLD_SECONDS]
        return [t for t in self.tracks if t.confirmed]

    def follow(self, moved: Mapping[int, Detection], seconds: float) -> list[Track]:
        """Return the tracks to draw in a frame at which the finder did not look.

        Nothing is begun, confirmed or seen here, and what was not seen grows older.

        Parameters
        ----------
        moved : where the faces are now, by track id; the others stay where they were
        seconds : the frame's time; must not fall
        """
        for track in self.tracks:
            if track.track_id in moved:
                _move(track, moved[track.track_id], seconds)
        self.tracks = [t for t in self.tracks if seconds - t.seen < HOLD_SECONDS]
        return [t for t in self.tracks if t.confirmed]

    def _begin(self, detection: Detection, seconds: float, at_once: bool) -> Track:
        track = Track(
            self._next,
            detection.box,
            detection.keypoints.copy(),
            detection.score,
            seconds,
            detection,
            seconds,
            seconds,
        )
        track.filter(track.keypoints, seconds)
        if at_once:
            track.confirmed, track.opacity = True, 1.0
        self._next += 1
        return track


def _update(track: Track, detection: Detection, seconds: float) -> None:
    _move(track, detection, seconds)
    track.score, track.seen = detection.score, seconds
    track.hits += 1
    lasting = seconds - track.begun >= FAINT_SECONDS
    enough = track.hits >= CONFIRM and (detection.score >= PLAIN or lasting)
    if detection.sure and enough:
        track.confirmed = True


def _move(track: Track, detection: Detection, seconds: float) -> None:
    track.keypoints = track.filter(detection.keypoints, seconds, track.eye_distance)
    track.box, track.place, track.placed = detection.box, detection, seconds


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Intersection over union of two boxes."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)
