"""Where a run stands, and which steps from there are allowed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import Enum


class State(Enum):
    """Where a run stands; `ALLOWED` says what may follow."""

    IDLE = "idle"
    STARTING = "starting"
    """Threads are up; nothing was shown yet."""
    RUNNING = "running"
    STOPPING = "stopping"
    """Asked to stop, failed, or the source has ended; threads are on their way out."""
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def over(self) -> bool:
        """Whether nothing can follow."""
        return not ALLOWED[self]


ALLOWED: dict[State, frozenset[State]] = {
    State.IDLE: frozenset({State.STARTING, State.STOPPED}),
    State.STARTING: frozenset({State.RUNNING, State.STOPPING}),
    State.RUNNING: frozenset({State.STOPPING}),
    State.STOPPING: frozenset({State.STOPPED, State.FAILED}),
    State.STOPPED: frozenset(),
    State.FAILED: frozenset(),
}
"""From each state, those that may follow."""


class IllegalTransitionError(RuntimeError):
    """A run was told to do what its state does not allow."""


class Lifecycle:
    """Holds a run's state; safe to use from any thread.

    Parameters
    ----------
    on_state : told each new state, in the order they came, in the thread that brought it about
    """

    def __init__(self, on_state: Callable[[State], None] | None = None) -> None:
        self._state = State.IDLE
        self._tell = on_state
        # Held while telling, so that no listener hears of two changes in the wrong order.
        self._lock = threading.RLock()

    @property
    def state(self) -> State:
        """The present state."""
        return self._state

    def to(self, state: State) -> None:
        """Go on to ``state``.

        Raises
        ------
        IllegalTransitionError
            if that may not follow the present state
        """
        with self._lock:
            if state not in ALLOWED[self._state]:
                raise IllegalTransitionError(
                    f"a run that is {self._state.value} cannot become {state.value}"
                )
            self._state = state
            if self._tell is not None:
                self._tell(state)

    def to_if(self, state: State, *now: State) -> bool:
        """Go on to ``state`` if the present one is among ``now``; tell whether that was so."""
        with self._lock:
            if self._state not in now:
                return False
            self.to(state)
            return True
