"""The chain for one frame: find, track, align, segment, inpaint, blend.

Synchronous and free of threads: frame in, frame and faces out. Files, live view, tests and
benchmarks all call this and nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType

import numpy as np

from unmask_live.quality import Quality
from unmask_live.runtime.choose import open_engine
from unmask_live.types import Face, Image, Unmasked
from unmask_live.vision import align, blend
from unmask_live.vision.anchor import Anchor
from unmask_live.vision.cut import Cuts
from unmask_live.vision.finders import open_finder
from unmask_live.vision.follow import Followers
from unmask_live.vision.inpaint import Inpainter, hole_of
from unmask_live.vision.segment import Segmenter, is_masked
from unmask_live.vision.steady import Steady
from unmask_live.vision.track import FADE_SECONDS, Track, Tracker

__all__ = ["STAGES", "Quality", "Unmasker"]

STAGES = ("find", "track", "align", "segment", "inpaint", "blend")
NOMINAL_STEP = 1 / 30
"""Seconds between frames where no timestamp says otherwise."""


@dataclass
class _Person:
    """What is kept for one track besides where it is."""

    steady: Steady = field(default_factory=Steady)
    anchor: Anchor = field(default_factory=Anchor)


class Unmasker:
    """Takes face masks off, frame by frame. The lower face it shows is invented.

    >>> unmasker = Unmasker()
    >>> result = unmasker(frame)      # H×W×3 uint8 RGB
    >>> result.image, result.faces

    Parameters
    ----------
    backend : "auto" or a backend's name (``unmask-live doctor`` lists them)
    threads : CPU threads for the networks; by default what the machine has
    engines : folder of another set of engines with its own manifest
    finder : "ours", or "mediapipe" with a model as `unmask_live.vision.mediapipe_find` says

    Attributes
    ----------
    smoothing : 0..1, how much matte and fill are averaged over time; may be set between frames

    Raises
    ------
    unmask_live.errors.UserError
        when an engine is missing or damaged, or no backend can run it
    """

    def __init__(
        self,
        *,
        backend: str = "auto",
        threads: int | None = None,
        engines: Path | None = None,
        finder: str = "ours",
    ) -> None:
        self.smoothing = 0.5
        self._open = partial(open_engine, backend=backend, threads=threads, directory=engines)
        self._quality = Quality()
        self._find = open_finder(finder, self._open)
        self._engines = {name: self._open(name) for name in ("segmenter", self._quality.inpainter)}
        self._segment = Segmenter(self._engines["segmenter"])
        self._inpaint = Inpainter(self._engines[self._quality.inpainter])
        self._tracker = Tracker()
        self._followers = Followers()
        self._people: dict[int, _Person] = {}
        self._time: float | None = None
        self._cuts = Cuts()

    @property
    def backends(self) -> dict[str, str]:
        """What truly runs each network, as its backend reports it."""
        engines = {name: engine.backend for name, engine in self._engines.items()}
        return {"finder": self._find.backend, **engines}

    @property
    def quality(self) -> Quality:
        """What is spent on a frame; to be set between frames, by the thread that calls.

        An inpainter is opened when it is first asked for and then kept. Setting raises UserError,
        and changes nothing, if the manifest lacks it or nothing can run it.
        """
        return self._quality

    @quality.setter
    def quality(self, quality: Quality) -> None:
        if quality.inpainter not in self._engines:
            self._engines[quality.inpainter] = self._open(quality.inpainter)
        self._inpaint = Inpainter(self._engines[quality.inpainter])
        self._quality = quality

    def reset(self) -> None:
        """Forget every face: the next frame is treated as the first, and ids count from 1."""
        self._tracker.reset()
        self._followers.forget()
        self._people.clear()
        self._time = None
        self._cuts.forget()

    def close(self) -> None:
        """Free the networks."""
        self._find.close()
        for engine in self._engines.values():
            engine.close()

    def __enter__(self) -> Unmasker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __call__(self, frame: Image, timestamp: float | None = None) -> Unmasked:
        """Take the masks off one frame.

        Parameters
        ----------
        frame : H×W×3 uint8 RGB of any size; never written to
        timestamp : seconds, rising; without it frames count as 1/30 s apart. A step back (a seek)
            or of over two seconds forgets the tracks.

        Returns
        -------
        A new picture of the same shape, equal to ``frame`` outside the mattes, and the faces.

        Raises
        ------
        ValueError
            when ``frame`` is not H×W×3 uint8 or ``timestamp`` is not finite
        """
        _check(frame, timestamp)
        out = frame.copy()
        if frame.shape[0] == 0 or frame.shape[1] == 0:
            return Unmasked(out, ())
        seconds, step, first = self._advance(timestamp)
        spent = dict.fromkeys(STAGES, 0.0)
        tracks = self._find_or_follow(frame, seconds, first, spent)
        alive = {t.track_id for t in self._tracker.tracks}
        self._people = {k: v for k, v in self._people.items() if k in alive}
        faces = tuple(
            face
            for track in tracks
            if (face := self._unmask(frame, out, track, seconds, step, spent)) is not None
        )
        return Unmasked(out, faces, spent)

    def _find_or_follow(
        self, frame: Image, seconds: float, first: bool, spent: dict[str, float]
    ) -> list[Track]:
        """Return the tracks in this frame, by a look of the finder where it is due."""
        every = self._quality.find_every
        with _timed(spent, "track"):
            cut = self._cuts(frame)
            if cut:
                self._tracker.cut()
            moved = self._followers(frame, self._tracker.tracks, seconds, every)
            if moved is not None:
                return self._tracker.follow(moved, seconds)
        with _timed(spent, "find"):
            detections = self._find(frame)
        with _timed(spent, "track"):
            tracks = self._tracker(detections, seconds, at_once=first or cut)
            self._followers.look(frame, self._tracker.tracks, seconds, every)
        return tracks

    def _unmask(
        self,
        frame: Image,
        out: Image,
        track: Track,
        seconds: float,
        step: float,
        spent: dict[str, float],
    ) -> Face | None:
        """Fill one face in ``out``."""
        person = self._people.setdefault(track.track_id, _Person())
        person.steady.strength = self.smoothing
        with _timed(spent, "align"):
            place = track.place.keypoints if track.placed == seconds else None
            transform = person.anchor(frame, place, seconds)
            if transform is None:
                return None
            crop = align.crop(frame, transform)
        with _timed(spent, "segment"):
            matte = person.steady.matte(self._segment(crop), crop, step)
            track.masked = is_masked(matte, track.masked)
        # A face that is on screen from the first frame starts at full opacity; any later change,
        # a mask put on or taken off included, fades.
        goal = 1.0 if track.masked else 0.0
        settled = track.hits == 1 and track.opacity == 1.0
        change = 1.0 if settled else step / FADE_SECONDS
        track.opacity += float(np.clip(goal - track.opacity, -change, change))
        opacity = track.opacity * track.presence(seconds)
        shown = opacity > 0 and bool((matte > 0.5).any())
        if shown:
            with _timed(spent, "inpaint"):
                hole = hole_of(matte) * align.inside(frame.shape[:2], transform)
                filled = self._inpaint(crop, hole)
            with _timed(spent, "blend"):
                filled = person.steady.filled(blend.match_rim(filled, crop, hole), hole)
                alpha = blend.feather(hole)
                blend.blend(out, filled, alpha, transform, opacity=opacity)
        else:
            person.steady.forget_fill()
            alpha = np.zeros_like(matte)
        return Face(
            track.box,
            track.keypoints.copy(),
            track.score,
            track.track_id,
            track.masked,
            alpha,
            transform,
        )

    def _advance(self, timestamp: float | None) -> tuple[float, float, bool]:
        """Return this frame's time, the step from the last, and whether it is the first."""
        before = self._time
        if timestamp is None:
            timestamp = 0.0 if before is None else before + NOMINAL_STEP
        if before is not None and not 0 <= timestamp - before <= 2.0:
            self._tracker.cut()
            before = None
        self._time = timestamp
        return timestamp, 0.0 if before is None else timestamp - before, before is None


def _check(frame: Image, timestamp: float | None) -> None:
    if not isinstance(frame, np.ndarray):
        raise ValueError(f"frame: got {type(frame).__name__}, wanted an H×W×3 uint8 RGB array")
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
        raise ValueError(f"frame: got {frame.shape} {frame.dtype}, wanted H×W×3 uint8 RGB")
    if timestamp is not None and not np.isfinite(timestamp):
        raise ValueError(f"timestamp: got {timestamp}, wanted finite seconds")


@contextmanager
def _timed(spent: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    try:
        yield
    finally:
        spent[stage] += (time.perf_counter() - start) * 1e3
