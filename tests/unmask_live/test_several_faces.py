"""Several faces in a frame: each network runs once for all of them, and nothing else changes."""

from __future__ import annotations

import time
from pathlib import Path

import engine_folders
import numpy as np
import pytest

from unmask_live import Unmasked, Unmasker
from unmask_live.commands.measure import compose, read_frames
from unmask_live.runtime import Engine, open_engine
from unmask_live.runtime.engine import MOST
from unmask_live.video.demo_clip import demo_clip

MASKED, END = 70, 75
"""Frames of the clip between which a mask is worn."""
CENTRE = (500.0, 250.0)


class Counted:
    """An engine that takes no more at once than it is told; it notes how many came."""

    def __init__(self, engine: Engine, most: int) -> None:
        self.batch = min(engine.batch, most)
        self.counts: list[int] = []
        self._engine = engine

    def __getattr__(self, name: str) -> object:
        return getattr(self._engine, name)

    def __call__(self, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        (count,) = {len(array) for array in inputs.values()}
        assert count <= self.batch
        self.counts.append(count)
        return self._engine(**inputs)


@pytest.fixture(scope="module")
def pictures() -> list[np.ndarray]:
    return read_frames(demo_clip(), END)[MASKED:]


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return engine_folders.add_seeing(engine_folders.copied(tmp_path_factory.mktemp("engines")))


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, engines: Path):
    """Run the chain over frames with networks that take at most so many items at once."""

    def run(
        frames: list[np.ndarray], most: int, inpainter: str = "inpainter"
    ) -> tuple[list[Unmasked], dict[str, list[int]]]:
        opened: dict[str, Counted] = {}

        def opener(name: str, **options: object) -> Counted:
            opened[name] = Counted(open_engine(name, **options), most)
            return opened[name]

        monkeypatch.setattr("unmask_live.unmasker.open_engine", opener)
        options = {"backend": "openvino:fp32", "threads": 1, "engines": engines}
        with Unmasker(inpainter=inpainter, **options) as unmasker:
            results = [unmasker(frame, k / 30) for k, frame in enumerate(frames)]
        return results, {name: engine.counts for name, engine in opened.items()}

    return run


@pytest.mark.parametrize("inpainter", ["inpainter", "seeing", "seeing:difference"])
@pytest.mark.parametrize("faces", [2, 4])
def test_together_they_are_what_they_are_one_by_one(play, pictures, inpainter, faces) -> None:
    frames = compose(pictures, faces, CENTRE)
    together, calls = play(frames, MOST, inpainter)
    one_by_one, single = play(frames, 1, inpainter)
    network = inpainter.partition(":")[0]
    looks = {network} if inpainter != network else {"segmenter", network}
    for name in looks:
        assert calls[name] == [faces] * len(frames), "one call a frame"
        assert single[name] == [1] * faces * len(frames)
    for one, other, frame in zip(together, one_by_one, frames, strict=True):
        assert (one.image != frame).any()
        assert len(one.faces) == faces and all(face.masked for face in one.faces)
        np.testing.assert_array_equal(one.image, other.image)
        for a, b in zip(one.faces, other.faces, strict=True):
            assert (a.track_id, a.box) == (b.track_id, b.box)
            np.testing.assert_array_equal(a.matte, b.matte)
            np.testing.assert_array_equal(a.transform, b.transform)


def test_more_than_fit_into_one_call_take_several(play, pictures) -> None:
    frames = compose(pictures, 4, CENTRE)[:2]
    together, _ = play(frames, MOST)
    parts, calls = play(frames, 3)
    assert calls["segmenter"] == calls["inpainter"] == [3, 1] * 2
    for one, other in zip(together, parts, strict=True):
        np.testing.assert_array_equal(one.image, other.image)


def test_only_faces_that_are_due_are_looked_at_and_only_masked_ones_filled(play, pictures) -> None:
    """A masked face beside one that has long been bare: the latter waits in most frames."""
    bare = read_frames(demo_clip(), 11)[10]
    x = int(CENTRE[0]) - 320
    half = np.hstack([pictures[0][:, x : x + 640], bare[:, x : x + 640]])
    results, calls = play([half] * 40, MOST)
    assert [face.masked for face in results[-1].faces] in ([True, False], [False, True])
    assert calls["segmenter"][:5] == [2] * 5
    assert sorted(set(calls["segmenter"][-6:])) == [1, 2]
    assert calls["inpainter"] == [1] * len(results)


def test_the_time_of_a_call_for_all_counts_once(pictures) -> None:
    with Unmasker() as unmasker:
        for k, frame in enumerate(compose(pictures, 4, CENTRE)):
            start = time.perf_counter()
            result = unmasker(frame, k / 30)
            whole = (time.perf_counter() - start) * 1e3
            assert min(result.milliseconds[key] for key in ("align", "segment", "inpaint")) > 0
            assert sum(result.milliseconds.values()) <= whole
