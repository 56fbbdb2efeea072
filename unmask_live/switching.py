"""From one inpainter to another in a live run: opened beside it, gone over to between frames."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from unmask_live.pipeline import background

Fail = Callable[[str, BaseException], None]


class Switching:
    """Opens what is wished for, and what quality may step to, in the background, one at a time.

    All but the opening happens in the thread that calls `ready` and `has`.

    Parameters
    ----------
    prepare : opens an inpainter by its name; called in a thread of its own
    inpainter : the one in use
    fail : told, by `ready`, of one that cannot be had; it is not tried again until another has been
        wished for
    """

    def __init__(self, prepare: Callable[[str], None], *, inpainter: str, fail: Fail) -> None:
        self.inpainter = inpainter
        self._prepare, self._fail = prepare, fail
        self._open = {inpainter}
        self._wished = inpainter
        self._refused: set[str] = set()
        self._opening: str | None = None
        self._thread: threading.Thread | None = None
        self._outcome: list[BaseException | None] = []  # what the thread leaves behind, once

    def ready(self, wished: str) -> bool:
        """Tell whether to go over to ``wished`` now; to be called between frames.

        From then on it counts as the one in use.
        """
        if self._outcome:
            self._take(self._outcome.pop())
        if wished != self._wished:
            self._wished = wished
            self._refused.clear()
        if wished == self.inpainter or not self.has(wished):
            return False
        self.inpainter = wished
        return True

    def has(self, inpainter: str) -> bool:
        """Tell whether it is open; if not, opening it begins, unless it cannot be had."""
        if inpainter in self._open:
            return True
        if self._opening is None and inpainter not in self._refused:
            self._begin(inpainter)
        return False

    def join(self) -> None:
        """Wait for an opening that is under way."""
        if self._thread is not None:
            self._thread.join()

    def _begin(self, name: str) -> None:
        self._opening = name
        self._thread = background(
            partial(self._prepare, name),
            lambda _: self._outcome.append(None),
            self._outcome.append,
            name="open-inpainter",
        )

    def _take(self, error: BaseException | None) -> None:
        """Note how an opening ended."""
        name, self._opening = self._opening, None
        assert name is not None
        if error is None:
            self._open.add(name)
        else:
            self._refused.add(name)
            self._fail(name, error)
