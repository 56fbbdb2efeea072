"""What is kept for one face besides where it is, and what is told from a look at it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from unmask_live.types import Face, Floats, Image
from unmask_live.vision import align, grain, sharpen
from unmask_live.vision.anchor import Anchor
from unmask_live.vision.balance import Balance
from unmask_live.vision.fill import Hole, hole_for
from unmask_live.vision.segment import is_masked
from unmask_live.vision.settle import Settled
from unmask_live.vision.steady import Change, Steady
from unmask_live.vision.track import FADE_SECONDS, Track

BARE_SECONDS = 1.0
"""How long a face must have been bare before it is looked at more rarely."""
BARE_EVERY = 0.1
"""Seconds between two looks for a mask on such a face; a fill fades in more slowly than that."""


REST_SECONDS = 0.15
"""How old a look may be for its hole to move along; a mask may have been taken off since."""


class Found(NamedTuple):
    """What a look has found.

    Attributes
    ----------
    matte : (256, 256) float32 in 0..1
    filled : (256, 256, 3) float32 RGB in 0..255 where the fill has shown the matte
    light : (3,) float32, the balance of light that it was filled in
    """

    matte: Floats
    filled: Floats | None = None
    light: Floats | None = None


class Told(NamedTuple):
    """What is known of a face in a frame, and the hole on it if there is a mask or was one."""

    face: Face
    holes: tuple[Hole, ...] = ()


@dataclass
class Person:
    """One face over time.

    Attributes
    ----------
    grain, sharpening : levels RMS of `grain.add`, amount of `sharpen.sharpen`
    looked : when a mask was last looked for, seconds; None before the first time
    covered : when there was last one, or a fill, or nothing was known yet
    hidden : (256, 256) float32, 0 or 1, the hole of the last look
    hole : what that look told to fill, if anything
    held : frames since then in which it only moved along
    """

    steady: Steady = field(default_factory=Steady)
    anchor: Anchor = field(default_factory=Anchor)
    grain: Settled[float] = field(default_factory=lambda: Settled(grain.SETTLE_SECONDS))
    sharpening: Settled[float] = field(default_factory=lambda: Settled(sharpen.SETTLE_SECONDS))
    balance: Balance = field(default_factory=Balance)
    looked: float | None = None
    covered: float = 0.0
    hidden: Floats = field(default_factory=lambda: np.zeros((align.CROP, align.CROP), np.float32))
    hole: Hole | None = None
    held: int = 0

    def cut(self, frame: Image, track: Track, seconds: float, every: int = 1) -> Look | Told | None:
        """Cut the face out of this frame.

        Parameters
        ----------
        every : a mask that is shown off is looked for again at every n-th frame

        Returns
        -------
        A look, if one for a mask is due; else what is known: that it has been bare for a while and
        can wait, or the last hole, moved along. None as long as it is not known where it is.
        """
        place = track.place.keypoints if track.placed == seconds else None
        transform = self.anchor(frame, place, seconds)
        if transform is None:
            return None
        if self.held + 1 < every and self._may_rest(track, seconds):
            crop = align.crop(frame, transform)
            change = self.steady.light(crop)
            if change is not None:
                return self._moved(track, crop, transform, change, seconds)
        step = self._step(seconds)
        if step is None:
            return Told(_face(track, np.zeros((align.CROP, align.CROP), np.float32), transform))
        return Look(self, track, align.crop(frame, transform), transform, step)

    def judge(self, look: Look, found: Found, shape: tuple[int, int], seconds: float) -> Told:
        """Tell from what was found whether a mask is worn, and what is to be filled.

        ``look.track`` learns of it.

        Parameters
        ----------
        look : this person's
        shape : height and width of the frame, pixels
        """
        track, crop, step = look.track, look.crop, look.step
        matte = self.steady.matte(found.matte, crop, step)
        track.masked = is_masked(matte, track.masked)
        # A face that is on screen from the first frame starts at full opacity; any later
        # change, a mask put on or taken off included, fades.
        goal = 1.0 if track.masked else 0.0
        settled = track.hits == 1 and track.opacity == 1.0
        change = 1.0 if settled else step / FADE_SECONDS
        track.opacity += float(np.clip(goal - track.opacity, -change, change))
        light = found.light
        hole = hole_for(
            shape,
            crop,
            matte,
            look.transform,
            track.opacity * track.presence(seconds),
            self.steady,
            lambda hole: self.grain(lambda: grain.missing(crop, hole), step),
            lambda hole: self.sharpening(lambda: sharpen.lacking(crop, hole), step),
            lambda hole: self.balance(crop, hole, step) if light is None else light,
            found.filled,
        )
        self.hidden, self.held = hole.hole, 0
        self.hole = hole if hole.opacity > 0 else None
        if track.masked or track.opacity > 0:
            self.covered = seconds
        return Told(_face(track, hole.alpha, look.transform), (hole,))

    def _may_rest(self, track: Track, seconds: float) -> bool:
        """Tell whether the last hole may move along: a mask that is off for good, seen just now.

        At the picture's edge it may not, as parts come in that nothing has been invented for.
        """
        if self.hole is None or self.hole.cut_off or self.looked is None:
            return False
        fresh = 0 <= seconds - self.looked <= REST_SECONDS
        return fresh and track.masked and track.opacity >= 1

    def _moved(
        self, track: Track, crop: Image, transform: Floats, change: Change, seconds: float
    ) -> Told:
        """Return the last hole where the face is now, in the light of now."""
        assert self.hole is not None
        self.held += 1
        hole = replace(
            self.hole,
            crop=crop,
            transform=transform,
            opacity=track.opacity * track.presence(seconds),
            change=change,
            filled=None,
            held=True,
        )
        return Told(_face(track, hole.alpha, transform), (hole,))

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


@dataclass(frozen=True)
class Look:
    """A face that was cut out of a frame, to be looked at for a mask.

    Attributes
    ----------
    crop : (256, 256, 3) uint8 RGB
    transform : (2, 3) float32 similarity, frame pixels to crop pixels
    step : seconds since the last look
    """

    person: Person
    track: Track
    crop: Image
    transform: Floats
    step: float


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
