from __future__ import annotations

import sys
from pathlib import Path

import fake_mediapipe
import numpy as np
import pytest

from unmask_live import Unmasker
from unmask_live.errors import UserError
from unmask_live.vision import align, mediapipe_find
from unmask_live.vision.finders import open_finder
from unmask_live.vision.mediapipe_find import MediaPipeFinder, to_detection


def picture(*eyes: tuple[tuple[int, int], tuple[int, int]]) -> np.ndarray:
    """A frame with a red and a blue pixel for each face's eyes, (x, y)."""
    image = np.full((240, 320, 3), 90, np.uint8)
    for red, blue in eyes:
        image[red[1], red[0]], image[blue[1], blue[0]] = (255, 0, 0), (0, 0, 255)
    return image


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """MediaPipe without a model of its own; the folder it lies in."""
    monkeypatch.delenv(mediapipe_find.VARIABLE, raising=False)
    monkeypatch.setattr(mediapipe_find.metadata, "version", lambda name: "1.2.2")
    for name, module in fake_mediapipe.modules(tmp_path).items():
        monkeypatch.setitem(sys.modules, name, module)
    return tmp_path


@pytest.fixture
def model(installed: Path) -> Path:
    path = installed / "blaze.tflite"
    path.write_bytes(fake_mediapipe.MODEL)
    return path


def test_finds_all_faces_surest_first_in_our_order_of_points(model: Path) -> None:
    finder = MediaPipeFinder(model)
    two = picture(((100, 80), (140, 80)), ((220, 120), (250, 140)))
    found = finder(two)
    assert [round(one.score, 2) for one in found] == [0.7, 0.6]
    upright = found[1]
    np.testing.assert_allclose(upright.keypoints[:2], [[100, 80], [140, 80]], atol=1e-3)
    np.testing.assert_allclose(upright.keypoints[2], [120, 104], atol=1e-3)
    corners = upright.keypoints[3:]
    assert corners[0, 0] < 120 < corners[1, 0]
    np.testing.assert_allclose(corners.mean(0), [120, 124], atol=1e-3)
    x0, y0, x1, y1 = upright.box
    assert x0 < 100 < 140 < x1 and y0 < 80 and y1 > 124
    assert finder.backend == "MediaPipe 1.2.2 CPU (blaze.tflite)"
    for one in found:
        assert one.keypoints.dtype == np.float32
        align.similarity(one.keypoints)


def test_a_tilted_mouth_is_as_tilted_as_the_eyes() -> None:
    points = np.float32([[0, 0], [30, 40], [0, 0], [-40, 60]])
    found = to_detection(points, 0.5)
    assert found is not None
    across = found.keypoints[4] - found.keypoints[3]
    np.testing.assert_allclose(across / np.hypot(*across), [0.6, 0.8], atol=1e-5)


def test_nothing_there_and_eyes_that_coincide(model: Path) -> None:
    assert MediaPipeFinder(model)(picture()) == []
    assert to_detection(np.zeros((4, 2), np.float32), 0.9) is None


def test_the_threshold_reaches_mediapipe(model: Path) -> None:
    one = picture(((100, 80), (140, 80)))
    assert len(MediaPipeFinder(model, 0.55)(one)) == 1
    assert MediaPipeFinder(model, 0.65)(one) == []


@pytest.mark.parametrize("image", [np.zeros((0, 4, 3), np.uint8), np.zeros((4, 4), np.uint8)])
def test_what_is_no_picture_is_refused(model: Path, image: np.ndarray) -> None:
    with pytest.raises(ValueError, match="want a non-empty"):
        MediaPipeFinder(model)(image)


def test_a_view_that_is_not_contiguous(model: Path) -> None:
    wide = picture(((100, 80), (140, 80)))
    wide.flags.writeable = False
    assert len(MediaPipeFinder(model)(wide[:, 20:])) == 1


def test_the_variable_names_a_model(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(mediapipe_find.VARIABLE, str(model))
    finder = open_finder("mediapipe", lambda name: pytest.fail("no network of ours is needed"))
    assert len(finder(picture(((100, 80), (140, 80))))) == 1
    finder.close()


def test_a_release_that_carries_its_model(
    tmp_path_factory, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("old")
    for name, module in fake_mediapipe.modules(folder, carries_model=True).items():
        monkeypatch.setitem(sys.modules, name, module)
    finder = MediaPipeFinder()
    assert len(finder(picture(((100, 80), (140, 80))))) == 1
    assert finder(picture()) == []
    assert "face_detection_short_range.tflite" in finder.backend


def test_no_model_is_one_sentence_that_says_what_to_do(installed: Path) -> None:
    with pytest.raises(UserError, match=r"carries no face model: .* --finder mediapipe:FILE"):
        open_finder("mediapipe", lambda name: pytest.fail("not asked for"))


def test_a_file_that_is_not_there_or_no_model(installed: Path) -> None:
    with pytest.raises(UserError, match="there is no MediaPipe model"):
        open_finder(f"mediapipe:{installed}/none.tflite", lambda name: pytest.fail("not asked"))
    other = installed / "other.tflite"
    other.write_bytes(b"something else")
    with pytest.raises(UserError, match=r"for no face model \(The model is not a valid Flatb") as e:
        MediaPipeFinder(other)
    assert "\n" not in str(e.value)


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    with pytest.raises(UserError, match=r"pip install 'unmask-live\[mediapipe\]'"):
        Unmasker(finder="mediapipe")


@pytest.mark.parametrize("name", ["theirs", "", "ours:file"])
def test_a_finder_nobody_knows(name: str) -> None:
    with pytest.raises(UserError, match="choose ours or mediapipe"):
        open_finder(name, lambda name: pytest.fail("not asked for"))


def test_the_chain_runs_on_it_and_says_so(model: Path) -> None:
    with Unmasker(finder=f"mediapipe:{model}") as unmasker:
        assert unmasker.backends["finder"].startswith("MediaPipe")
        result = unmasker(picture(((140, 80), (180, 80))))
        assert len(result.faces) == 1
        np.testing.assert_allclose(result.faces[0].keypoints[0], [140, 80], atol=0.5)
