"""Time for live sources: pictures when they are due, the true rate, pauses between attempts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import pairwise
from statistics import median

LATE = 0.5
"""Seconds behind its times at which a paced source no longer hurries after them."""
SETTLING = 1.0
"""Seconds of a connection that tell nothing of its rate: it begins with a burst of what waited."""
_SPAN = 0.3
"""Seconds that the pictures a rate is told by must lie apart."""
_FEWEST = 3
"""Pictures that a rate is told by at least, however slowly they come."""
_USUAL = (5, 10, 15, 20, 24, 25, 30, 48, 50, 60, 90, 100, 120)
PAUSES = (0.25, 0.5, 1.0, 2.0)
"""Seconds between attempts to get a lost source back; the last one repeats."""

Clock = Callable[[], float]
Wait = Callable[[float], bool]


class Pacer:
    """Holds pictures back until they are due on the run's clock."""

    def __init__(self, clock: Clock, wait: Wait) -> None:
        self._clock, self._wait = clock, wait
        self._start: float | None = None

    def until(self, seconds: float) -> float | None:
        """Wait until ``seconds`` after the first call; return when that was due, None if closed.

        After a stall (a sleeping computer, a disk that lags) the times go on from now.
        """
        now = self._clock()
        if self._start is None:
            self._start = now - seconds
        if now - self._start - seconds > LATE:
            self._start = now - seconds
        due = self._start + seconds
        return None if self._wait(max(0.0, due - now)) else due

    def moment(self, seconds: float) -> float | None:
        """Return when that is, or was, due; None before the first call of `until`."""
        return None if self._start is None else self._start + seconds


class Anchor:
    """Lays a stream's own times on our clock, so that its sound and its pictures stay together.

    Parameters
    ----------
    tolerance : seconds its times may differ from what arrives before they are laid anew: after a
        jump, or where its clock runs otherwise than ours
    """

    def __init__(self, tolerance: float = 1.0) -> None:
        self._tolerance = tolerance
        self._offset: float | None = None

    def at(self, seconds: float, now: float) -> float:
        """Return the stream's time ``seconds``, which arrived ``now``, on our clock."""
        if self._offset is None or abs(seconds + self._offset - now) > self._tolerance:
            self._offset = now - seconds
        return seconds + self._offset


class RateMeter:
    """The true rate of what arrives: the median gap of the last seconds.

    One thread adds; ``rate`` (frames a second, 0 if unknown) may be read from any.
    """

    def __init__(self, seconds: float = 3.0) -> None:
        self._seconds = seconds
        self._begun: float | None = None
        self._times: deque[float] = deque(maxlen=512)
        self.rate = 0.0

    def add(self, at: float) -> None:
        """Note an arrival; ``rate`` follows as soon as enough has come."""
        if self._begun is None:
            self._begun = at
        if at - self._begun < SETTLING:
            return
        self._times.append(at)
        while at - self._times[0] > self._seconds and len(self._times) > _FEWEST:
            self._times.popleft()
        if len(self._times) < _FEWEST or at - self._times[0] < _SPAN:
            return
        middle = median(later - earlier for earlier, later in pairwise(self._times))
        self.rate = 1 / middle if middle > 0 else 0.0

    def clear(self) -> None:
        """Begin anew after a gap; what was known of the rate holds until it is known again."""
        self._begun = None
        self._times.clear()


def usual_rate(measured: float) -> float:
    """Return the frames a second that cameras go by which ``measured`` most likely is."""
    nearest = min(_USUAL, key=lambda usual: abs(usual - measured))
    return float(nearest if abs(nearest - measured) <= 0.03 * nearest else max(1, round(measured)))


class Retry:
    """Growing pauses between attempts."""

    def __init__(self) -> None:
        self._tried = 0

    def pause(self) -> float:
        """Return how many seconds to wait before the next attempt."""
        self._tried += 1
        return PAUSES[min(self._tried, len(PAUSES)) - 1]

    def reset(self) -> None:
        """Begin with the shortest pause again."""
        self._tried = 0
