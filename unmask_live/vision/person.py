"""What is kept for one face besides where it is, and the mask that is seen on it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from unmask_live.types import Face, Floats, Image
from unmask_live.vision import align
from unmask_live.vision.anchor import Anchor
from unmask_live.vision.balance import Balance
from unmask_live.vision.blind import Difference
from unmask_live.vision.fill import Hole, hole_for
from unmask_live.vision.grain import Grain
from unmask_live.vision.segment import Segmenter, is_masked
from unmask_live.vision.steady import Steady
from unmask_live.vision.timed import timed
from unmask_live.vision.track import FADE_SECONDS, Track

BARE_SECONDS = 1.0
"""How long a face must have been bare before it is looked at more rarely."""
BARE_EVERY = 0.1
"""Seconds between two looks for a mask on such a face; a fill fades in more slowly than that."""


@dataclass
class Person:
    """One face over time.

    Attributes
    ----------
    looked : when a mask was last looked for, seconds; None before the first time
    covered : when there was last one, or a fill, or nothing was known yet
    hidden : (256, 256) float32, 0 or 1, the hole of the last look
    """

    steady: Steady = field(default_factory=Steady)
    anchor: Anchor = field(default_factory=Anchor)
    grain: Grain = field(default_factory=Grain)
    balance: Balance = field(default_factory=Balance)
    looked: float | None = None
    covered: float = 0.0
    hidden: Floats = field(default_factory=lambda: np.zeros((align.CROP, align.CROP), np.float32))

    def see(
        self,
        frame: Image,
        track: Track,
        seconds: float,
        segment: Segmenter | Difference,
        spent: dict[str, float],
    ) -> tuple[Face | None, Hole | None]:
        """Find the mask on the face in this frame; ``track`` learns of it.

        Parameters
        ----------
        segment : finds the mask, or what fills does
        spent : milliseconds by stage, added to

        Returns
        -------
        No face as long as it is not known where it is, and no hole where none was looked for: a
        face that has been bare for a while can wait.
        """
        with timed(spent, "align"):
            place = track.place.keypoints if track.placed == seconds else None
            transform = self.anchor(frame, place, seconds)
            if transform is None:
                return None, None
            step = self._step(seconds)
            if step is None:
                return _face(track, np.zeros((align.CROP, align.CROP), np.float32), transform), None
            crop = align.crop(frame, transform)
        found, filled, light = self._look(crop, segment, step, spent)
        with timed(spent, "segment"):
            matte = self.steady.matte(found, crop, step)
            track.masked = is_masked(matte, track.masked)
            # A face that is on screen from the first frame starts at full opacity; any later
            # change, a mask put on or taken off included, fades.
            goal = 1.0 if track.masked else 0.0
            settled = track.hits == 1 and track.opacity == 1.0
            change = 1.0 if settled else step / FADE_SECONDS
            track.opacity += float(np.clip(goal - track.opacity, -change, change))
            opacity = track.opacity * track.presence(seconds)
            hole = hole_for(
                frame.shape[:2],
                crop,
                matte,
                transform,
                opacity,
                self.steady,
                lambda hole: self.grain(crop, hole, step),
                lambda hole: self.balance(crop, hole, step) if light is None else light,
                filled,
            )
            self.hidden = hole.hole
        if track.masked or track.opacity > 0:
            self.covered = seconds
        return _face(track, hole.alpha, transform), hole

    def _look(
        self, crop: Image, segment: Segmenter | Difference, step: float, spent: dict[str, float]
    ) -> tuple[Floats, Floats | None, Floats | None]:
        """Return the matte and, where filling shows it, the fill and its balance of light."""
        if isinstance(segment, Segmenter):
            with timed(spent, "segment"):
                return segment(crop), None, None
        light = self.balance(crop, self.hidden, step)  # the hole of this look is not known yet
        with timed(spent, "inpaint"):
            bared = segment(crop, light)
        return bared.matte, bared.filled, light

    def _step(self, seconds: float) -> float | None:
        """Return the seconds since the last look for a mask; None if the next can wait."""
        if self.looked is None:
            self.looked = self.covered = seconds
            return 0.0
        step = seconds - self.looked
        if step < BARE_EVERY and seconds - self.covered > BARE_SECONDS:
            return None
        self.looked = seconds
        return step


def _face(track: Track, matte: Floats, transform: Floats) -> Face:
    return Face(
        track.box,
        track.keypoints.copy(),
        track.score,
        track.track_id,
        track.masked,
        matte,
        transform,
    )
