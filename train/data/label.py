"""Landmarks of faces that come without: ``python -m train.data.label --data DIR``.

MediaPipe's face landmarker finds them, once; they are kept in the cache, or beside the pictures as
``DIR/landmarks.npz`` with ``--here``. MediaPipe 0.10.21 brings its model along but pins numpy 1, so
that it wants an environment of its own, where this file needs nothing else; later releases need the
model as a file, ``--model face_landmarker.task``::

    python -m venv mp && mp/bin/pip install mediapipe==0.10.21
    PYTHONPATH=. mp/bin/python -m train.data.label --data DIR
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from train.command import Command

CACHE = Path("~/.cache/unmask_live/labels").expanduser()
POINTS = 478
LONG_SIDE = (256, 1280)
"""Pixels between which a picture is brought before the landmarker sees it."""
MODEL = "UNMASK_LIVE_LANDMARKER"
"""Environment variable that names MediaPipe's model file."""

Image = NDArray[np.uint8]
Labeller = Callable[[Image], "NDArray[np.float32] | None"]
"""(H, W, 3) uint8 RGB to (478, 2) pixels, or None where no face is seen."""


class NoLabelsError(FileNotFoundError):
    """Pictures have no landmarks yet, and MediaPipe is not here to find them."""


@dataclass(frozen=True)
class Marks:
    """Landmarks of those pictures in which a face was seen.

    Attributes
    ----------
    names : [N], paths from the folder
    points : [N, 478, 2] float16, pixels
    sizes : [N, 2] height, width
    """

    names: list[str]
    points: NDArray[np.float16]
    sizes: NDArray[np.int32]


def cached(data: Path, cache: Path | None = None) -> Path:
    """Return where the labels of a folder are kept, if not in it."""
    digest = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:12]
    return (cache or CACHE) / f"{data.resolve().name}-{digest}.npz"


def load(data: Path, names: Sequence[str], *, labeller: Labeller | None = None) -> Marks:
    """Return a folder's landmarks, found first where they are missing.

    Parameters
    ----------
    names : paths of the pictures from the folder
    labeller : finds them; MediaPipe's if None

    Raises
    ------
    NoLabelsError
        in one sentence that says what to install
    """
    for path in (data / "landmarks.npz", cached(data)):
        if path.exists():
            with np.load(path) as stored:
                return Marks(stored["names"].tolist(), stored["landmarks"], stored["sizes"])
    try:
        find = labeller or mediapipe()
    except ImportError as error:
        raise NoLabelsError(
            f"the pictures of {data} have no landmarks: make an environment with 'python -m venv "
            "mp && mp/bin/pip install mediapipe==0.10.21' and run 'PYTHONPATH=. mp/bin/python -m "
            f"train.data.label --data {data}' once ({error})"
        ) from error
    return label(data, names, find, cached(data))


def label(data: Path, names: Sequence[str], find: Labeller, path: Path) -> Marks:
    """Find the landmarks of every picture and keep them; the file appears whole or not at all.

    Raises
    ------
    NoLabelsError
        where no picture shows a face
    """
    kept: list[str] = []
    points, sizes = [], []
    for name in names:
        picture = cv2.imread(str(data / name), cv2.IMREAD_COLOR)
        if picture is None:
            continue
        marks = seen(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False), find)
        if marks is not None:
            kept.append(name)
            points.append(marks)
            sizes.append(picture.shape[:2])
    if not kept:
        raise NoLabelsError(f"none of {len(names)} pictures in {data} shows a face")
    made = Marks(kept, np.array(points, np.float16), np.array(sizes, np.int32))
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(partial, names=kept, landmarks=made.points, sizes=made.sizes)
    partial.rename(path)
    return made


def seen(picture: Image, find: Labeller) -> NDArray[np.float32] | None:
    """Return a picture's landmarks; a face that fills it is looked for again with a border."""
    side = max(picture.shape[:2])
    scale = min(max(1.0, LONG_SIDE[0] / side), LONG_SIDE[1] / side)
    large = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    points, border = find(np.asarray(large, np.uint8)), 0
    if points is None:
        border = max(large.shape[:2]) // 3
        wide = cv2.copyMakeBorder(large, *[border] * 4, cv2.BORDER_REPLICATE)
        points = find(np.asarray(wide, np.uint8))
    return None if points is None else ((points - border) / scale).astype(np.float32)


def mediapipe(model: Path | None = None) -> Labeller:
    """Return MediaPipe's face landmarker.

    Parameters
    ----------
    model : ``face_landmarker.task``; the file that `MODEL` names if None; releases up to 0.10.21
        need none

    Raises
    ------
    ImportError
        where MediaPipe is missing, or both the model and a release that brings it
    """
    named = model or (Path(os.environ[MODEL]) if os.environ.get(MODEL) else None)
    if named is not None:
        return _with_model(named)
    try:
        from mediapipe.python.solutions.face_mesh import FaceMesh
    except AttributeError as error:  # built for another numpy
        raise ImportError(str(error)) from error
    mesh = FaceMesh(static_image_mode=True, refine_landmarks=True)

    def find(picture: Image) -> NDArray[np.float32] | None:
        found = mesh.process(picture).multi_face_landmarks
        return _pixels(found[0].landmark, picture) if found else None

    return find


def _with_model(model: Path) -> Labeller:
    if not model.is_file():
        raise ImportError(f"the model file {model} is missing")
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(BaseOptions(model_asset_path=str(model)))
    landmarker = vision.FaceLandmarker.create_from_options(options)

    def find(picture: Image) -> NDArray[np.float32] | None:
        image = mp.Image(image_format=mp.ImageFormat.SRGB, data=picture)
        found = landmarker.detect(image).face_landmarks
        return _pixels(found[0], picture) if found else None

    return find


def _pixels(points: Sequence[object], picture: Image) -> NDArray[np.float32]:
    height, width = picture.shape[:2]
    return np.array([(p.x * width, p.y * height) for p in points], np.float32)  # type: ignore[attr-defined]


def main(argv: list[str] | None = None, *, labeller: Labeller | None = None) -> None:
    """Command line."""
    from train.data.sources import listed

    parser = Command("train.data.label", __doc__)
    parser.add_argument("--data", type=Path, required=True, help="a folder of pictures, or CelebA")
    parser.add_argument("--model", type=Path, help="face_landmarker.task, for later releases")
    parser.add_argument("--here", action="store_true", help="keep them in DIR/landmarks.npz")
    given = parser.parse_args(argv)
    with parser.refusing(ImportError):
        names = list(listed(given.data))
        if not names:
            parser.error(f"{given.data} has no pictures")
        path = given.data / "landmarks.npz" if given.here else cached(given.data)
        made = label(given.data, names, labeller or mediapipe(given.model), path)
    print(f"{path}: {len(made.names)} of {len(names)} pictures show a face")


if __name__ == "__main__":
    main()
