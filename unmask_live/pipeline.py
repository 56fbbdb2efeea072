"""The program's only threads: capture, see, unmask and present, side by side.

A live run and a file's differ in what stands between the stages: one slot where the newest item
wins, or a bounded queue that keeps all in order. The rest is the same code.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Generic, TypeVar

from unmask_live.channel import Channel, Handed, Newest, Ordered
from unmask_live.stages import Stages, Work
from unmask_live.state import Lifecycle, State
from unmask_live.statistics import Observer, Unobserved

__all__ = ["DEPTH", "Pipeline", "State", "background", "run_file"]

A = TypeVar("A")
B = TypeVar("B")

DEPTH = 4
"""Items that may wait between two stages of a file's run: evens out, 11 MB of 720p frames."""
PATIENCE = 1.0
"""Seconds that a run which was stopped, or has failed, waits for a stage that is stuck, most likely
in a driver; then it is over without it."""
_LISTEN = 0.1
"""Longest single wait for a thread, seconds: on some systems Ctrl-C is heard only between two."""


class Pipeline(Generic[A, B]):
    """A live run: a thread a stage from `start` until the source ends, a stage fails, or `stop`.

    Before "see" (or "unmask", where there is no such stage) and "present" stands one slot each, in
    which the newest item wins. Every method may be called from any thread.

    Parameters
    ----------
    capture : yields items until it is closed; runs in the capture thread
    unmask : takes the items, or what ``see`` made of them, yields a result for each; runs in the
        unmask thread
    present : takes results from the channel until that raises; runs in the present thread
    close : makes ``capture`` end; called once, by the first of the threads that leaves
    see : works on the items before ``unmask`` takes its results, in the see thread, one item ahead
    on_state : told each new state, in the thread that brought it about
    observer : told of the items dropped before "unmask" and "present"
    """

    def __init__(
        self,
        capture: Callable[[], Iterable[A]],
        unmask: Callable[[Iterable[Any]], Iterator[B]],
        present: Callable[[Channel[B]], None],
        *,
        close: Callable[[], None],
        see: Work | None = None,
        on_state: Callable[[State], None] | None = None,
        observer: Observer | None = None,
    ) -> None:
        watcher = observer or Unobserved()
        incoming: Newest[A] = Newest(lambda: watcher.dropped("unmask"))
        outgoing: Newest[B] = Newest(lambda: watcher.dropped("present"))
        handed: list[Channel[Any]] = [] if see is None else [Handed()]
        works = _works(unmask, see)
        self._stages = Stages(capture, works, present, [incoming, *handed, outgoing])
        self._life = Lifecycle(on_state)
        self._close: Callable[[], None] | None = close
        self._left = threading.Condition()
        self._inside = len(self._stages.calls)
        self._threads = [
            _thread(name, self._run, stage) for name, stage in self._stages.calls.items()
        ]

    @property
    def state(self) -> State:
        """Where the run stands; once it is over, all threads have ended or are stuck."""
        return self._life.state

    @property
    def error(self) -> BaseException | None:
        """What ended the run, from the moment it happened; None if nothing went wrong."""
        return self._stages.error

    def start(self) -> None:
        """Start the threads and return at once.

        Raises
        ------
        IllegalTransitionError
            if the run was started or stopped before
        """
        self._life.to(State.STARTING)
        for thread in self._threads:
            thread.start()

    def shown(self) -> None:
        """Tell that something was presented: a run that was starting is running now."""
        self._life.to_if(State.RUNNING, State.STARTING)

    def stop(self) -> None:
        """End the run and return at once. Safe to call in any state, and again."""
        if self._life.to_if(State.STOPPED, State.IDLE):
            self._close_source()
            return
        self._life.to_if(State.STOPPING, State.STARTING, State.RUNNING)
        self._stages.stop()

    def join(self, timeout: float = 1.0) -> bool:
        """Wait up to ``timeout`` seconds for the threads to end; tell whether they have."""
        due = time.monotonic() + timeout
        others = [t for t in self._threads if t is not threading.current_thread() and t.ident]
        for thread in others:
            while thread.is_alive() and (left := due - time.monotonic()) > 0:
                thread.join(min(left, _LISTEN))
        return not any(thread.is_alive() for thread in others)

    def _run(self, stage: Callable[[], None]) -> None:
        """Run one stage; in its own thread."""
        self._stages.guarded(stage)
        self._life.to_if(State.STOPPING, State.STARTING, State.RUNNING)
        self._close_source()
        with self._left:
            self._inside -= 1
            self._left.notify_all()
            if self._stages.stopped:
                self._left.wait_for(lambda: not self._inside, PATIENCE)
            elif self._inside:  # the source has ended; the others have work left
                return
        end = State.STOPPED if self._stages.error is None else State.FAILED
        self._life.to_if(end, State.STOPPING)

    def _close_source(self) -> None:
        with self._left:
            close, self._close = self._close, None
        if close is None:
            return
        try:
            close()
        except Exception as error:  # a driver may do anything on the way out
            self._stages.fail(error)


def run_file(
    source: Iterable[A],
    work: Callable[[Any], B],
    write: Callable[[B], None],
    *,
    see: Callable[[A], Any] | None = None,
    depth: int = DEPTH,
) -> None:
    """Send every item of ``source`` through ``work`` to ``write``, in order, none dropped.

    ``source`` is iterated in one thread, ``write`` called in another, and ``see``, which makes of
    an item what ``work`` takes, in a third; ``work`` runs in the caller's, so that Ctrl-C reaches
    it. When this returns or raises, the threads have ended.

    Raises
    ------
    BaseException
        the first error of any stage, as it was raised; the other stages are stopped
    """

    def present(results: Channel[B]) -> None:
        for result in results:
            write(result)

    works = _works(partial(map, work), None if see is None else partial(map, see))
    channels: list[Channel[Any]] = [Ordered(depth) for _ in range(len(works) + 1)]
    stages = Stages(lambda: source, works, present, channels)
    threads = [
        _thread(name, stages.guarded, stage)
        for name, stage in stages.calls.items()
        if name != "unmask"
    ]
    for thread in threads:
        thread.start()
    try:
        stages.guarded(stages.calls["unmask"])
        for thread in threads:
            _join(thread)
    except BaseException:  # Ctrl-C while waiting for the writer
        stages.stop()
        for thread in threads:
            thread.join()
        raise
    if stages.error is not None:
        raise stages.error


def background(
    task: Callable[[], A],
    done: Callable[[A], None],
    failed: Callable[[BaseException], None],
    *,
    name: str = "background",
) -> threading.Thread:
    """Run ``task`` once in a thread of its own, for callers that must not wait, such as a window.

    ``done`` gets its result, ``failed`` its error; both are called in that thread.
    """

    def run() -> None:
        try:
            result = task()
        except BaseException as error:  # handed on, whatever it is
            failed(error)
        else:
            done(result)

    thread = threading.Thread(target=run, name=f"unmask-{name}", daemon=True)
    thread.start()
    return thread


def _works(unmask: Work, see: Work | None) -> dict[str, Work]:
    """Name the stages in the middle, in their order."""
    return {"unmask": unmask} if see is None else {"see": see, "unmask": unmask}


def _thread(name: str, run: Callable[..., object], stage: Callable[[], None]) -> threading.Thread:
    return threading.Thread(target=run, args=(stage,), name=f"unmask-{name}", daemon=True)


def _join(thread: threading.Thread) -> None:
    """Wait for a thread, in steps, so that Ctrl-C is heard on every system."""
    while thread.is_alive():
        thread.join(timeout=_LISTEN)
