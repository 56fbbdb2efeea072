"""From starting the program to its first picture, each time in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Sequence

import numpy as np

from unmask_live.commands.measure import Figures
from unmask_live.errors import UserError
from unmask_live.runtime.trial import STARTS

ROUNDS = 3
PICTURE = "finder: "
"""How a line on stderr begins that comes with the first picture: `unmask-live live --headless`
names what runs the networks then."""
MOST = 120.0
"""Seconds that a start may take."""
_COMMAND = "from unmask_live.cli import main; main()"


def bench_start(
    backend: str, finder: str, inpainter: str, *, rounds: int = ROUNDS
) -> list[Figures]:
    """Time the start of ``unmask-live live`` on the demo clip, without and with a window.

    Imports, opening the networks and the clip, and the first frame are all in it. Some starts
    before fill the caches and settle what runs the networks, and do not count. Without a window the
    program looks for its first picture every tenth of a second only, so that is how fine the figure
    is. The window is opened offscreen where `QT_QPA_PLATFORM` says nothing else.

    Returns
    -------
    For each way ``way``, ``rounds`` and median and most ``seconds``, or a ``reason`` why there is
    none.
    """
    report: list[Figures] = []
    for way, words in ways(backend, finder, inpainter).items():
        try:
            before = 1 if report else STARTS
            seconds = [seconds_to_picture(words) for _ in range(before + rounds)][before:]
        except UserError as error:
            report.append({"way": way, "reason": str(error)})
            continue
        report.append(
            {
                "way": way,
                "rounds": rounds,
                "median_s": float(np.median(seconds)),
                "most_s": max(seconds),
            }
        )
    return report


def ways(backend: str, finder: str, inpainter: str) -> dict[str, list[str]]:
    """Return what Python is given to start the program, by way."""
    chosen = ["--backend", backend, "--finder", finder, "--inpainter", inpainter]
    headless = ["live", "--source", "demo", "--headless", "--seconds", "0.1", *chosen]
    return {
        "headless": ["-c", _COMMAND, *headless],
        "window": ["-m", "unmask_live.commands.first_picture", backend, finder, inpainter],
    }


def seconds_to_picture(words: Sequence[str]) -> float:
    """Run Python with ``words`` until it says that there is a picture; return after how long.

    Raises
    ------
    UserError
        with what it said last, if it ends or takes longer than `MOST` without
    """
    start = time.perf_counter()
    said: list[str] = []
    with subprocess.Popen(
        [sys.executable, *words], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stderr is not None
        watchdog = threading.Timer(MOST, process.kill)  # one that hangs says nothing more
        watchdog.start()
        try:
            for line in process.stderr:
                if line.startswith(PICTURE):
                    seconds = time.perf_counter() - start
                    process.communicate()  # it ends by itself, and clears up
                    return seconds
                said.append(line.strip())
        finally:
            watchdog.cancel()
            process.kill()
    if time.perf_counter() - start >= MOST:
        raise UserError(f"no picture came within {MOST:g} seconds")
    last = next((line for line in reversed(said) if line), "it said nothing")
    raise UserError(f"no picture came: {last}")
