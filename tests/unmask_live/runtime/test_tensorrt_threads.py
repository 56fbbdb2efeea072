"""Finder and inpainter on one GPU, in a thread each; the stand-in has CUDA's rules of capture."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from unmask_live.runtime import open_engine

pytestmark = pytest.mark.filterwarnings("ignore:TensorRT compiles")
ONES = np.ones((1, 1, 4, 4), np.float32)


class Aside:
    """Work done in a thread of its own, and what came of it."""

    def __init__(self, work: Callable[[], None]) -> None:
        self.errors: list[BaseException] = []
        self.done = False

        def run() -> None:
            try:
                work()
            except BaseException as error:
                self.errors.append(error)
            self.done = True

        self.thread = threading.Thread(target=run)

    def start(self, seconds: float) -> None:
        self.thread.start()
        self.thread.join(seconds)


def look(engine, value: float) -> None:
    out = engine(image=value * ONES, matte=ONES)["total"]
    np.testing.assert_allclose(out, (value + 2) * ONES, rtol=1e-3)


def test_nothing_of_another_thread_gets_into_a_recording(world, engines: Path) -> None:
    with open_engine("sum", backend="tensorrt", directory=engines) as seen:
        aside = Aside(lambda: look(seen, 5.0))
        world.gpu.during_capture = lambda: aside.start(0.3)
        with open_engine("sum", backend="tensorrt", directory=engines) as filled:
            aside.thread.join(5)
            assert (aside.done, aside.errors) == (True, [])
            assert {len(graph) for graph in world.gpu.graphs.values()} == {4}
            look(filled, 1.0)
            look(seen, 2.0)


def test_minutes_of_building_hold_no_frame_up(world, engines: Path) -> None:
    with open_engine("sum", backend="tensorrt:fp32", directory=engines) as seen:
        aside = Aside(lambda: look(seen, 5.0))
        finished = []

        def meanwhile() -> None:
            aside.start(5)
            finished.append(aside.done)

        world.during_build = meanwhile
        open_engine("sum", backend="tensorrt:fp16", directory=engines).close()
        assert (finished, aside.errors) == ([True], [])


def test_another_thread_may_build_during_a_recording(world, engines: Path) -> None:
    aside = Aside(lambda: open_engine("sum", backend="tensorrt:fp16", directory=engines).close())
    world.gpu.during_capture = lambda: aside.start(0.3)
    with open_engine("sum", backend="tensorrt:fp32", directory=engines) as filled:
        aside.thread.join(5)
        assert (aside.done, aside.errors) == (True, [])
        look(filled, 1.0)
