from __future__ import annotations

import io
import tarfile
from pathlib import Path

import cv2
import numpy as np
import portrait_faces
import pytest

from train.data import label
from train.data.faces import FaceCrops
from train.data.sources import listed, open_source, split_of
from train.masks.sheet import astronaut

SIDE = 320


def portrait() -> tuple[np.ndarray, np.ndarray]:
    """The astronaut's head, RGB, and its 478 landmarks."""
    picture, landmarks = astronaut()
    return picture[:SIDE, 80 : 80 + SIDE], landmarks.points - np.float32([80, 0])


def find(picture: np.ndarray) -> np.ndarray | None:
    """What a landmarker would say of the portrait at any size; nothing of a dark picture."""
    if picture.mean() < 20:
        return None
    return portrait()[1] * (picture.shape[1] / SIDE)


def write(folder: Path, names: list[str]) -> None:
    picture = cv2.cvtColor(portrait()[0], cv2.COLOR_RGB2BGR)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / name), picture)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(label, "CACHE", tmp_path / "labels")
    return tmp_path / "labels"


@pytest.fixture
def labelled(monkeypatch):
    monkeypatch.setattr(label, "mediapipe", lambda model=None: find)


def test_archives_are_known_here_and_in_their_folder(tmp_path):
    data = portrait_faces.write(tmp_path / "data", 2)
    above, inside = open_source(data, "val"), open_source(data / "faces", "val")
    assert above.names.tolist() == inside.names.tolist() and above.key == inside.key == "2"
    assert sorted(i for i, _ in above.encoded()) == [0, 1]


def test_an_archive_left_behind_is_an_error_or_a_subset(tmp_path):
    data = portrait_faces.write(tmp_path / "data", 3)
    archive = data / "faces" / "train-0.tar"
    with tarfile.open(archive) as tar:
        members = [(m, tar.extractfile(m).read()) for m in tar]
    with tarfile.open(archive, "w") as tar:
        for member, content in members[1:]:
            tar.addfile(member, io.BytesIO(content))
    with pytest.raises(FileNotFoundError, match="2 of 3"):
        FaceCrops(data, "train", tmp_path / "cache")
    some = FaceCrops(data, "train", tmp_path / "cache", subset=True)
    assert some.names.tolist() == [m.name for m, _ in members[1:]]
    whole = [FaceCrops(data, "val", tmp_path / "cache", subset=s) for s in (False, True)]
    assert whole[0]._crops_path == whole[1]._crops_path, "with all of them there it is the same"
    assert np.array_equal(some.plain(0).image, whole[0].plain(1).image)


@pytest.mark.parametrize("layout", ["flat", "as distributed"])
def test_celeba_keeps_its_own_parts(tmp_path, layout, labelled):
    pictures, lists = ("Img/", "Eval/") if layout != "flat" else ("", "")
    names = [f"{k:06d}.jpg" for k in range(1, 7)]
    write(tmp_path / "celeba", [f"{pictures}img_align_celeba/{n}" for n in names])
    parts = tmp_path / "celeba" / lists / "list_eval_partition.txt"
    parts.parent.mkdir(exist_ok=True)
    parts.write_text("".join(f"{n} {k}\n" for n, k in zip(names, [0, 0, 0, 1, 1, 2], strict=True)))
    counts = {s: len(open_source(tmp_path / "celeba", s).names) for s in ("train", "val", "test")}
    assert counts == {"train": 3, "val": 2, "test": 1}
    crops = FaceCrops(tmp_path / "celeba", "train", tmp_path / "crops")
    assert set(crops.sources) == {"celeba"}
    picture = portrait()[0]
    height, width = crops._sizes[0]
    assert (height, width) == picture.shape[:2]
    sample = crops.plain(0)
    x, y = sample.landmarks[468].round().astype(int)  # an iris: dark in a brighter eye
    assert sample.image[y - 2 : y + 3, x - 2 : x + 3].mean() < sample.image.mean()


def test_a_plain_folder_is_split_by_names_and_labelled_once(tmp_path, labelled, monkeypatch, cache):
    names = [f"{k % 3}/{k}.png" for k in range(60)]
    write(tmp_path / "mine", names)
    (tmp_path / "mine" / "notes.txt").write_text("no picture")
    cv2.imwrite(str(tmp_path / "mine" / "dark.png"), np.zeros((64, 64, 3), np.uint8))
    assert len(listed(tmp_path / "mine")) == 61
    splits = {s: set(open_source(tmp_path / "mine", s).names) for s in ("train", "val", "test")}
    assert set.union(*splits.values()) == set(names), "each face once, the dark picture nowhere"
    assert sum(map(len, splits.values())) == 60 and len(splits["train"]) > 45
    assert all(split_of(n) == s for s, some in splits.items() for n in some)
    monkeypatch.setattr(label, "mediapipe", lambda model=None: pytest.fail("labelled again"))
    assert len(open_source(tmp_path / "mine", "train").names) == len(splits["train"])
    assert len(list(cache.iterdir())) == 1


def test_two_folders_never_share_a_cache(tmp_path, labelled):
    for folder in ("a", "b"):
        write(tmp_path / folder, ["1.png", "2.png"])
    keys = {open_source(tmp_path / f, "train").key for f in ("a", "b")}
    assert len(keys) == 2


def test_without_labels_and_without_mediapipe_one_sentence_says_what_to_do(tmp_path, monkeypatch):
    write(tmp_path / "mine", ["1.png"])

    def missing(model=None):
        raise ImportError("No module named 'mediapipe'")

    monkeypatch.setattr(label, "mediapipe", missing)
    with pytest.raises(label.NoLabelsError, match=r"pip install mediapipe.*train\.data\.label"):
        open_source(tmp_path / "mine", "train")
    with pytest.raises(FileNotFoundError, match="has no pictures"):
        open_source(tmp_path / "nothing", "train")


def test_a_model_file_that_is_missing_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv(label.MODEL, str(tmp_path / "none.task"))
    with pytest.raises(ImportError, match=r"none\.task is missing"):
        label.mediapipe()


def test_landmarks_are_in_the_pictures_own_pixels_at_any_size(tmp_path):
    picture, points = portrait()
    for size in (100, SIDE, 1500):
        shown = cv2.resize(picture, (size, size))
        found = label.seen(shown, find)
        assert np.allclose(found, points * size / SIDE, atol=size / 200)


def test_a_face_that_fills_the_picture_is_found_with_a_border():
    asked = []

    def shy(picture: np.ndarray) -> np.ndarray | None:
        asked.append(picture.shape)
        return None if len(asked) == 1 else np.full((478, 2), 200.0, np.float32)

    assert np.allclose(label.seen(np.zeros((300, 300, 3), np.uint8), shy), 100)
    assert asked == [(300, 300, 3), (500, 500, 3)]


def test_the_command_keeps_labels_beside_the_pictures(tmp_path, capsys, labelled):
    write(tmp_path / "mine", ["1.png", "2.png"])
    label.main(["--data", str(tmp_path / "mine"), "--here"])
    assert "2 of 2" in capsys.readouterr().out
    with np.load(tmp_path / "mine" / "landmarks.npz") as stored:
        assert stored["landmarks"].shape == (2, 478, 2)
    cv2.imwrite(str(tmp_path / "dark.png"), np.zeros((64, 64, 3), np.uint8))
    with pytest.raises(SystemExit):
        label.main(["--data", str(tmp_path / "nothing")])
