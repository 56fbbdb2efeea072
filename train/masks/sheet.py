"""Contact sheets and sample sets of the synthesiser, for looking at."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from train.data.landmarks import Landmarks
from train.masks import KINDS, degrade, distract, put_on
from unmask_live.vision.align import CROP, crop, similarity

Image = NDArray[np.uint8]
LANDMARKS = Path(__file__).parents[2] / "assets" / "astronaut-landmarks.json"


def astronaut() -> tuple[Image, Landmarks]:
    """Return NASA's public-domain portrait of Eileen Collins with its landmarks.

    Raises
    ------
    ImportError
        if scikit-image is missing: it carries the picture
    """
    from skimage import data

    points = np.asarray(json.loads(LANDMARKS.read_text())["points"], np.float32)
    picture: Image = np.ascontiguousarray(data.astronaut()[..., :3])
    return picture, Landmarks(points)


def faces(folder: Path, count: int, seed: int = 0) -> Iterator[tuple[str, Image, Landmarks]]:
    """Yield (name, picture, landmarks) of photographs: `NAME.npz` beside `NAME-*.tar` in a folder.

    Raises
    ------
    FileNotFoundError
        if the folder holds no such pair
    """
    tables = sorted(folder.glob("train.npz")) or sorted(folder.glob("*.npz"))
    if not tables:
        raise FileNotFoundError(f"{folder} has no .npz with landmarks: name a folder that has")
    with np.load(tables[0]) as table:
        names, points, index = table["names"], table["landmarks"], table["mesh_index"]
    rows = {str(name): row for row, name in enumerate(names)}
    wanted = set(np.random.default_rng(seed).permutation(names)[:count].tolist())
    for path in sorted(folder.glob(f"{tables[0].stem}-*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                if member.name not in wanted:
                    continue
                code = io.BytesIO(tar.extractfile(member).read()).getbuffer()  # type: ignore[union-attr]
                picture = cv2.imdecode(np.frombuffer(code, np.uint8), cv2.IMREAD_COLOR_RGB)
                row = points[rows[member.name]].astype(np.float32)
                yield member.name, picture, Landmarks.from_subset(row, index)


def aligned(picture: Image, landmarks: Landmarks) -> tuple[Image, Landmarks, NDArray[np.bool_]]:
    """Return the aligned crop, the landmarks in it, and where the picture had pixels."""
    transform = similarity(landmarks.five())
    ones = np.full(picture.shape[:2], 255, np.uint8)
    valid = cv2.warpAffine(ones, transform, (CROP, CROP)) > 127
    return crop(picture, transform), landmarks.moved(transform), valid


def contact_sheet(rows: int = 6, columns: int = 8, side: int = 128, seed: int = 5) -> Image:
    """Draw a sheet on the astronaut: the kinds, then the held-out family, distractors, camera."""
    bare, points, valid = aligned(*astronaut())
    tiles = []
    for number in range(rows * columns):
        rng = np.random.default_rng([seed, number])
        row, column = divmod(number, columns)
        if number == 0:
            picture = bare
        elif row == rows - 1 and column < columns // 2:
            picture = distract(bare, points, rng)
        elif row == rows - 1:
            picture = degrade(put_on(bare, points, rng, valid=valid).image, rng)
        else:
            family = "heldout" if row == rows - 2 else "train"
            kind = KINDS[number % len(KINDS)]
            picture = put_on(bare, points, rng, kind=kind, family=family, valid=valid).image
        tiles.append(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA))
    return np.vstack([np.hstack(tiles[r * columns : (r + 1) * columns]) for r in range(rows)])


def write(path: Path, image: Image) -> None:
    """Write RGB or grey as PNG.

    Raises
    ------
    OSError
        if the file cannot be written
    """
    code = cv2.imencode(".png", image[..., ::-1] if image.ndim == 3 else image)[1]
    path.write_bytes(code.tobytes())
