"""The chain for one frame: find, track, align, segment, inpaint, blend.

Synchronous and free of threads: frame in, frame and faces out. Files, live view, tests and
benchmarks all call this and nothing else; the pipelines call its two halves side by side.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import numpy as np

from unmask_live.inpainters import choose
from unmask_live.quality import INPAINTER, Quality, network_of
from unmask_live.runtime.choose import open_engine
from unmask_live.runtime.engine import MOST, Engine, Report, Say, once, warn
from unmask_live.runtime.threads import shared_cores
from unmask_live.types import Face, Image, Unmasked
from unmask_live.vision.blind import BlindInpainter, Difference, inpainter_on
from unmask_live.vision.cut import Cuts
from unmask_live.vision.fill import Hole, fill
from unmask_live.vision.finders import open_finder
from unmask_live.vision.follow import Followers
from unmask_live.vision.inpaint import Inpainter
from unmask_live.vision.people import Finds
from unmask_live.vision.people import see as see_people
from unmask_live.vision.person import Person
from unmask_live.vision.segment import Segmenter
from unmask_live.vision.timed import timed
from unmask_live.vision.track import Track, Tracker

__all__ = ["STAGES", "Quality", "Seen", "Unmasker"]

STAGES = ("find", "track", "align", "segment", "inpaint", "blend")
NOMINAL_STEP = 1 / 30
"""Seconds between frames where no timestamp says otherwise."""


@dataclass(frozen=True)
class Seen:
    """A frame half done, as `Unmasker.see` hands it to `Unmasker.fill`.

    Attributes
    ----------
    frame : as it was given; never written to
    faces : every face followed in this frame
    holes : what is to be filled, and of whom nothing is any more
    inpaint : the network that is to fill
    milliseconds : wall time of each stage so far
    """

    frame: Image
    faces: tuple[Face, ...]
    holes: tuple[Hole, ...]
    inpaint: Inpainter
    milliseconds: dict[str, float]


class _Use(NamedTuple):
    """What finds the masks, and what fills: changed together, between two frames."""

    find_every: int
    fill_every: int
    finds: Finds
    inpaint: Inpainter


class Unmasker:
    """Takes face masks off, frame by frame. The lower face it shows is invented.

    >>> unmasker = Unmasker()
    >>> result = unmasker(frame)      # H×W×3 uint8 RGB
    >>> result.image, result.faces

    Parameters
    ----------
    backend : "auto" or a backend's name (``unmask-live doctor`` lists them)
    threads : CPU threads for each network; by default as many as pay here
    engines : folder of another set of engines with its own manifest
    finder : "ours", or "mediapipe" with a model as `unmask_live.vision.mediapipe_find` says
    inpainter : what fills, by its name as `unmask_live.inpainters` has it
    overlapped : whether `see` and `fill` will run side by side, so that each has half of the cores
    say, report : told of backends that are passed over, and of slow compiling, as by `open_engine`

    Attributes
    ----------
    smoothing : 0..1, how much matte and fill are averaged over time; may be set between frames

    Raises
    ------
    unmask_live.errors.UserError
        when an engine is missing or damaged, no backend can run it, or there is no such inpainter
    """

    def __init__(
        self,
        *,
        backend: str = "auto",
        threads: int | None = None,
        engines: Path | None = None,
        finder: str = "ours",
        inpainter: str = INPAINTER,
        overlapped: bool = False,
        say: Say = warn,
        report: Report | None = None,
    ) -> None:
        self.smoothing = 0.5
        cores = shared_cores() if overlapped else None
        self._open = partial(
            open_engine,
            backend=backend,
            threads=threads,
            cores=cores,
            directory=engines,
            say=once(say),
            report=report,
        )
        self._choose = partial(choose, directory=engines)
        self._choose(inpainter)  # a wrong name is told before anything is opened
        self._engines: dict[str, Engine] = {}
        self._closed = False
        self._lock = threading.Lock()
        self._find = open_finder(finder, self._open)
        self._quality = Quality(inpainter=inpainter)
        self._use = self._use_for(self._quality)
        self._tracker = Tracker()
        self._followers = Followers()
        self._people: dict[int, Person] = {}
        self._time: float | None = None
        self._cuts = Cuts()

    @property
    def backends(self) -> dict[str, str]:
        """What truly runs each network that is open, as its backend reports it."""
        with self._lock:
            engines = {name: engine.backend for name, engine in self._engines.items()}
        return {"finder": self._find.backend, **engines}

    @property
    def quality(self) -> Quality:
        """What is spent on a frame; to be set between frames, by the thread that calls.

        An inpainter is opened when it is first asked for, unless `prepare` has, and then kept.
        Setting raises UserError, and changes nothing, if the manifest lacks it, nothing can run it,
        or it would have to be compiled for minutes.
        """
        return self._quality

    @quality.setter
    def quality(self, quality: Quality) -> None:
        self._use = self._use_for(quality, build=False)
        self._quality = quality

    def prepare(self, inpainter: str) -> None:
        """Open what an inpainter needs and run it once, so that setting `quality` takes no time.

        Any thread may call this while others see and fill; they are not held up.

        Raises
        ------
        UserError
            as the constructor
        """
        for name in self._networks_for(inpainter):
            with self._lock:
                opened = name in self._engines
            if not opened:
                self._opened(name, warm=True)

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
        with self._lock:
            self._closed = True
            engines = list(self._engines.values())
        for engine in engines:
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
        """Take the masks off one frame: `see` and `fill` in one.

        Raises ValueError as `see` does.

        Parameters
        ----------
        frame : H×W×3 uint8 RGB of any size; never written to
        timestamp : seconds, rising; without it frames count as 1/30 s apart. A step back (a seek)
            or of over two seconds forgets the tracks.

        Returns
        -------
        A new picture of the same shape, equal to ``frame`` outside the mattes, and the faces.
        """
        return self.fill(self.see(frame, timestamp))

    def see(self, frame: Image, timestamp: float | None = None) -> Seen:
        """Do the first half: find the faces and the masks on them.

        One thread may see the next frames while another fills those before, in the same order.
        Parameters as for a call.

        Raises
        ------
        ValueError
            when ``frame`` is not H×W×3 uint8 or ``timestamp`` is not finite
        """
        _check(frame, timestamp)
        spent = dict.fromkeys(STAGES, 0.0)
        use = self._use  # once: another thread may set the quality meanwhile
        if frame.shape[0] == 0 or frame.shape[1] == 0:
            return Seen(frame, (), (), use.inpaint, spent)
        seconds, first = self._advance(timestamp)
        tracks = self._find_or_follow(frame, seconds, first, use.find_every, spent)
        alive = {t.track_id for t in self._tracker.tracks}
        self._people = {k: v for k, v in self._people.items() if k in alive}
        people = [(self._people.setdefault(t.track_id, Person()), t) for t in tracks]
        for person, _ in people:
            person.steady.strength = self.smoothing
        faces, holes = see_people(frame, people, seconds, use.finds, spent, every=use.fill_every)
        return Seen(frame, faces, holes, use.inpaint, spent)

    def fill(self, seen: Seen) -> Unmasked:
        """Do the second half: fill what `see` has seen, in the order of the frames."""
        out = seen.frame.copy()
        fill(out, seen.holes, seen.inpaint, seen.milliseconds)
        return Unmasked(out, seen.faces, seen.milliseconds)

    def _find_or_follow(
        self, frame: Image, seconds: float, first: bool, every: int, spent: dict[str, float]
    ) -> list[Track]:
        """Return the tracks in this frame, by a look of the finder where it is due."""
        with timed(spent, "track"):
            cut = self._cuts(frame)
            if cut:
                self._tracker.cut()
            moved = self._followers(frame, self._tracker.tracks, seconds, every)
            if moved is not None:
                return self._tracker.follow(moved, seconds)
        with timed(spent, "find"):
            detections = self._find(frame)
        with timed(spent, "track"):
            tracks = self._tracker(detections, seconds, at_once=first or cut)
            self._followers.look(frame, self._tracker.tracks, seconds, every)
        return tracks

    def _use_for(self, quality: Quality, *, build: bool = True) -> _Use:
        """Return what a quality works with, opened; compiled for minutes only where that may be."""
        names = self._networks_for(quality.inpainter)
        engines = {name: self._opened(name, build=build) for name in names}
        inpaint = inpainter_on(engines[quality.inpainter])
        if "segmenter" in engines:
            finds: Finds = Segmenter(engines["segmenter"])
        else:
            assert isinstance(inpaint, BlindInpainter)  # `choose` sees to it
            finds = Difference(inpaint)
        return _Use(quality.find_every, quality.fill_every, finds, inpaint)

    def _networks_for(self, inpainter: str) -> tuple[str, ...]:
        """Return the keys in `_engines` of what is needed to find masks and to fill.

        A blind network that fills by its own difference is seen with, in another thread than it
        fills in where the segmenter finds the mask: an engine for each, as one has one owner.
        """
        by_difference = self._choose(inpainter).by_difference
        return (inpainter,) if by_difference else ("segmenter", inpainter)

    def _opened(self, name: str, *, warm: bool = False, build: bool = True) -> Engine:
        """Return an engine by its key, opened the first time; the lock is not held meanwhile."""
        with self._lock:
            known = self._engines.get(name)
        if known is not None:
            return known
        # As many faces of a frame at once as may be; one alone must be no slower for it.
        made = self._open(network_of(name), batch=MOST, build=build)
        if warm:  # the first run allocates
            made(**{key: np.zeros(shape, np.float32) for key, shape in made.inputs.items()})
        with self._lock:
            kept = None if self._closed else self._engines.setdefault(name, made)
        if kept is not made:  # another thread was quicker, or nobody wants it any more
            made.close()
        return kept or made

    def _advance(self, timestamp: float | None) -> tuple[float, bool]:
        """Return this frame's time, and whether it is the first."""
        before = self._time
        if timestamp is None:
            timestamp = 0.0 if before is None else before + NOMINAL_STEP
        if before is not None and not 0 <= timestamp - before <= 2.0:
            self._tracker.cut()
            before = None
        self._time = timestamp
        return timestamp, before is None


def _check(frame: Image, timestamp: float | None) -> None:
    if not isinstance(frame, np.ndarray):
        raise ValueError(f"frame: got {type(frame).__name__}, wanted an H×W×3 uint8 RGB array")
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
        raise ValueError(f"frame: got {frame.shape} {frame.dtype}, wanted H×W×3 uint8 RGB")
    if timestamp is not None and not np.isfinite(timestamp):
        raise ValueError(f"timestamp: got {timestamp}, wanted finite seconds")
