"""When quality steps down because compute cannot keep up, and when it steps up again.

============  ==================================================================================
a frame's     the median of the last second, of seeing or of filling, whichever takes longer, as
cost          they run side by side; the finder's share is spread evenly over the frames between
              its looks, and so is all the rest where masks are filled at every n-th frame only
step down     when that is over `DOWN` times the median time between two frames of the source
step up       when for the whole of the wait, without a break, the better level would have cost
              less than `UP` times that: the present cost, that of a frame with a look for masks
              where they would be looked for oftener, plus what the finder looks oftener, plus what
              the larger inpainter took longer when both were last seen
the wait      `WAIT` seconds; doubled each time a step up is taken back within `HELD` seconds, and
              short again once one has held for longer
no judgement  in the first second of a level, and upwards while no face is filled, since then
              nothing is learnt of what filling would cost
not ready     a step to a level that is not ready waits until it is; judging goes on meanwhile
============  ==================================================================================

One step at a time, along `quality.levels`. Pure, but for what ``ready`` does: the time comes with
each frame.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from statistics import fmean, median
from typing import Literal

from unmask_live.quality import Level

Mode = Literal["auto", "best", "fast"]

DOWN = 0.92
"""Below 1: what takes just the time between two frames loses each one that takes longer."""
UP = 0.8
WINDOW = 1.0
"""Seconds of frames that are judged."""
FEWEST = 3
"""Frames without which nothing is judged."""
EVERY = 0.25
"""Seconds between two judgements."""
WAIT = 5.0
HELD = 30.0
_GUESS = 2.0
"""The larger inpainter's time over the smaller one's, until both have been seen."""


@dataclass(frozen=True)
class Cost:
    """What one frame took.

    Attributes
    ----------
    see, fill : milliseconds of the two halves of a frame's work
    find : of the finder, a part of ``see``; 0 in frames without a look
    inpaint : of the inpainter, a part of ``fill``
    fills : faces that were filled
    """

    see: float
    fill: float
    find: float = 0.0
    inpaint: float = 0.0
    fills: int = 0


@dataclass(frozen=True)
class Step:
    """A change to another level; ``down`` tells which way."""

    level: Level
    down: bool


class Governor:
    """Chooses the level, frame by frame.

    Parameters
    ----------
    levels : best first, at least one
    mode : "auto" goes by the rules, "best" stays at the first level, "fast" at the last; may be
        set at any time between frames
    ready : whether a level may be gone to now; asked again as long as it is due and may not
    """

    def __init__(
        self,
        levels: Sequence[Level],
        mode: Mode = "auto",
        *,
        ready: Callable[[Level], bool] = lambda _: True,
    ) -> None:
        if not levels:
            raise ValueError("levels: got none, wanted at least one")
        self._levels = tuple(levels)
        self.mode: Mode = mode
        self._ready = ready
        self._at = 0
        self._wait = WAIT
        self._rose: float | None = None
        self._fill_before: float | None = None
        self._ratio = _GUESS
        self._frames: deque[tuple[float, float | None, Cost]] = deque(maxlen=512)
        self._since: float | None = None
        self._due = -inf
        self._fits_since: float | None = None

    @property
    def level(self) -> Level:
        """The level in use."""
        return self._levels[self._at]

    def observe(self, now: float, gap: float | None, cost: Cost) -> Step | None:
        """Take one frame in; return the step to another level, if one is due.

        Parameters
        ----------
        now : seconds, rising
        gap : seconds from the source's last frame to this one (dropped ones counted); None if
            that is not known
        """
        if self.mode != "auto":
            return self._go(0 if self.mode == "best" else len(self._levels) - 1)
        if self._since is None:
            self._since = now
        self._frames.append((now, gap, cost))
        if now < self._due:
            return None
        self._due = now + EVERY
        while now - self._frames[0][0] > WINDOW:
            self._frames.popleft()
        gaps = [gap for _, gap, _ in self._frames if gap is not None and gap > 0]
        if now - self._since < WINDOW or len(self._frames) < FEWEST or not gaps:
            return None
        self._learn()
        return self._judge(now, median(gaps) * 1e3)

    def leave_out(self, inpainter: str) -> None:
        """Leave out for good the levels of an inpainter that cannot be had; not the one in use."""
        here = self.level
        kept = [lv for lv in self._levels if lv is here or lv.quality.inpainter != inpainter]
        self._levels, self._at = tuple(kept), kept.index(here)

    def go_by(self, levels: Sequence[Level]) -> Level:
        """Go by other levels from now on; return the one to begin with.

        It is as far down as the one before, but still one of the best level's inpainter in every
        frame: whoever chose that is to see it, if only until it proves too slow. In mode "fast" it
        is the last, if that is ready.
        """
        best = levels[0].quality
        own = [
            level
            for level in levels
            if (level.quality.inpainter, level.quality.fill_every)
            == (best.inpainter, best.fill_every)
        ]
        self._levels = tuple(levels)
        last = len(self._levels) - 1
        fast = self.mode == "fast" and self._ready(levels[last])
        self._at = last if fast else min(self._at, len(own) - 1)
        self._rose, self._wait = None, WAIT
        self._fill_before, self._ratio = None, _GUESS
        self._frames.clear()
        self._clear()
        return self.level

    def _judge(self, now: float, interval: float) -> Step | None:
        """Step by the rules; ``interval`` in milliseconds."""
        if self._rose is not None and now - self._rose > HELD:
            self._rose, self._wait = None, WAIT
        look = self._look()
        see = self._usual(lambda cost: cost.see - cost.find)
        see += look / self.level.quality.find_every
        fill = self._usual(lambda cost: cost.fill)
        if max(see, fill) > DOWN * interval:
            if self._at + 1 == len(self._levels):
                return None
            if self._rose is not None:
                self._rose, self._wait = None, 2 * self._wait
            return self._go(self._at + 1)
        better = self._better(see, fill, look)
        if better is None or better > UP * interval:
            self._fits_since = None
        elif self._fits_since is None:
            self._fits_since = now
        elif now - self._fits_since >= self._wait:
            step = self._go(self._at - 1)
            if step is not None:
                self._rose = now
            return step
        return None

    def _better(self, see: float, fill: float, look: float) -> float | None:
        """Estimate the next better level's milliseconds; None where nothing can be said."""
        fills = median(cost.fills for _, _, cost in self._frames)
        if self._at == 0 or fills < 1:
            return None
        here, there = self.level.quality, self._levels[self._at - 1].quality
        see -= look / here.find_every
        if there.fill_every < here.fill_every:  # every frame would be as those with a look are
            see = self._usual(lambda cost: cost.see - cost.find, max)
            fill = self._usual(lambda cost: cost.fill, max)
        see += look / there.find_every
        if here.inpainter != there.inpainter:
            fill += (self._ratio - 1) * self._usual(lambda cost: cost.inpaint)
        return max(see, fill)

    def _usual(
        self, of: Callable[[Cost], float], of_some: Callable[[Sequence[float]], float] = fmean
    ) -> float:
        """Return the median over the frames, of means over so many as share one look for masks."""
        values = [of(cost) for _, _, cost in self._frames]
        every = min(self.level.quality.fill_every, len(values))
        return median(of_some(values[i : i + every]) for i in range(len(values) - every + 1))

    def _learn(self) -> None:
        """Compare the inpainters' times for one fill just before and just after a step down."""
        if self._fill_before is None:
            return
        fill = self._fill()
        if fill is not None:
            self._ratio = max(1.0, self._fill_before / fill)
            self._fill_before = None

    def _look(self) -> float:
        """Return the median milliseconds of the finder's looks."""
        looks = [cost.find for _, _, cost in self._frames if cost.find > 0]
        return median(looks) if looks else 0.0

    def _fill(self) -> float | None:
        """Return the median milliseconds for one fill."""
        fills = [c.inpaint / c.fills for _, _, c in self._frames if c.fills and c.inpaint > 0]
        return median(fills) if fills else None

    def _go(self, to: int) -> Step | None:
        if to == self._at or not self._ready(self._levels[to]):
            return None
        down = to > self._at
        changes = self._levels[to].quality.inpainter != self.level.quality.inpainter
        self._fill_before = self._fill() if down and changes else None
        self._at = to
        self._clear()
        return Step(self.level, down)

    def _clear(self) -> None:
        """Judge anew: within `WINDOW` the frames of another level have left."""
        self._since = self._fits_since = None
