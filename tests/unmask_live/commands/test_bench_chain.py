from __future__ import annotations

import cv2
import numpy as np
import pytest

from unmask_live.commands import measure
from unmask_live.commands.bench_chain import bench_chain, crowd, scaled
from unmask_live.commands.measure import read_frames
from unmask_live.video.demo_clip import demo_clip


def dot(index: int, x: int) -> np.ndarray:
    """A 720p frame whose face is one bright block."""
    image = np.full((720, 1280, 3), 40, np.uint8)
    image[280:320, x - 20 : x + 20] = 255
    image[0, 0] = index
    return image


@pytest.mark.parametrize("faces", range(1, 9))
@pytest.mark.parametrize("x", [30, 640, 1250])
def test_as_many_faces_as_asked_for_wherever_the_face_is(faces: int, x: int) -> None:
    frames = crowd([dot(index, x) for index in range(3)], faces, (x, 300.0))
    assert len(frames) == 3
    for frame in frames:
        assert frame.shape == (720, 1280, 3) and frame.dtype == np.uint8
        bright = (frame[..., 0] > 200).astype(np.uint8)
        assert cv2.connectedComponents(bright)[0] - 1 == faces


@pytest.mark.parametrize("faces", [0, 9])
def test_a_crowd_has_bounds(faces: int) -> None:
    with pytest.raises(ValueError, match=f"got {faces}, wanted 1 to 8"):
        crowd([dot(0, 640)], faces, (640.0, 300.0))


def test_scaled_to_width_and_height() -> None:
    picture = dot(0, 640)
    assert scaled(picture, (1280, 720)) is picture
    assert scaled(picture, (854, 480)).shape == (480, 854, 3)
    assert scaled(picture, (1920, 1080)).shape == (1080, 1920, 3)


def test_the_real_chain_on_a_crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "WARM_UP", 2)
    pictures = read_frames(demo_clip(), 62)[60:]
    report = bench_chain(pictures, 60.0, 1, sizes={"tiny": (640, 360)}, faces=(1, 8))
    assert [(row["size"], row["faces"]) for row in report["chain"]] == [("tiny", 1), ("tiny", 8)]
    for row in report["chain"]:
        assert row["pixels"] == [640, 360]
        assert row["found"] == row["masked"] == row["faces"]
        assert row["frames"] == 1 and row["fps"] > 0 and row["fps_side_by_side"] > 0
    assert set(report["backends"]) == {"finder", "segmenter", "inpainter"}
