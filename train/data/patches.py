"""A bank of face photographs, a part of them masked, made once and then composed from quickly.

Painting a mask costs tens of milliseconds, decoding a reduced JPEG a fraction of one. So masks are
painted on whole photographs once, and what is kept is the picture as JPEG, which decodes straight
to a half, a quarter or an eighth of its size, beside the points that box and keypoints need.

The bank is made in shards that are each whole or absent, so making it can stop and go on, and
training can start on the first::

    nice python -m train.data.patches --data DIR
"""

from __future__ import annotations

import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from train.command import Command
from train.data.faces import MORE_WEIGHT, SOURCE_WEIGHT
from train.data.landmarks import NOSE_TIP, OVAL, Landmarks

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]
Painter = Callable[[Image, Landmarks, np.random.Generator], Image]

DEFAULT_CACHE = Path.home() / ".cache" / "unmask_live" / "finder"
COUNT = {"train": 30_000, "val": 570}
"""Pictures in a whole bank."""
SHARD = 1000
MASKED_SHARE = 0.62
DISTRACTED_SHARE = 0.3
"""Bare faces with a hand, beard, collar, cup, phone or microphone before the mouth."""
QUALITY = 92
"""JPEG quality: above what webcams send, so that the frame's own JPEG still shows."""
OUTLINE = (*OVAL, NOSE_TIP, 4, 5)
"""Face Mesh points whose tightest rectangle is the face's box; a profile's nose leaves the oval."""


@dataclass(frozen=True)
class Patch:
    """One photograph of the bank.

    Attributes
    ----------
    jpeg : encoded picture
    size : (width, height) pixels
    outline : (39, 2) float32, (x, y) pixels: the face's oval clockwise from the forehead, then
        three points of the nose
    five : (5, 2) float32 keypoints in `Detection` order
    masked : whether a mask is painted on
    source : the label set it came from
    """

    jpeg: NDArray[np.uint8]
    size: tuple[int, int]
    outline: Floats
    five: Floats
    masked: bool
    source: str

    @property
    def face_width(self) -> float:
        """Square root of the box's area, pixels: what "size of a face" means when composing."""
        return float(np.sqrt(np.prod(np.ptp(self.outline, axis=0))))

    def decode(self, scale: float) -> tuple[Image, float]:
        """Return BGR pixels fit for showing at ``scale``, and what they were reduced by (1..8)."""
        for factor, flag in (
            (8, cv2.IMREAD_REDUCED_COLOR_8),
            (4, cv2.IMREAD_REDUCED_COLOR_4),
            (2, cv2.IMREAD_REDUCED_COLOR_2),
        ):
            if scale * factor <= 1.25:
                return cv2.imdecode(self.jpeg, flag).astype(np.uint8, copy=False), factor
        return cv2.imdecode(self.jpeg, cv2.IMREAD_COLOR).astype(np.uint8, copy=False), 1


class Bank:
    """The shards of one split that exist.

    Raises
    ------
    FileNotFoundError
        if there is none yet
    """

    def __init__(self, cache: Path = DEFAULT_CACHE, split: str = "train") -> None:
        tables = sorted(cache.glob(f"{split}-*.npz"))
        if not tables:
            raise FileNotFoundError(f"no bank in {cache}: run python -m train.data.patches first")
        self._shards = [_read(table) for table in tables]
        ends = np.cumsum([len(shard["masked"]) for shard in self._shards])
        self._ends = ends
        self.sources: list[str] = sorted(
            {str(s) for shard in self._shards for s in shard["source"]}
        )

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, index: int) -> Patch:
        if not 0 <= index < len(self):
            raise IndexError(index)
        number = int(np.searchsorted(self._ends, index, side="right"))
        shard = self._shards[number]
        i = index - (int(self._ends[number - 1]) if number else 0)
        width, height = (int(v) for v in shard["size"][i])
        begin, end = shard["span"][i], shard["span"][i + 1]
        return Patch(
            shard["bytes"][begin:end],
            (width, height),
            shard["outline"][i],
            shard["five"][i],
            bool(shard["masked"][i]),
            str(shard["source"][i]),
        )

    def draw(self, rng: np.random.Generator) -> Patch:
        """Return one at random; the sources were weighed when the bank was made."""
        return self[int(rng.integers(len(self)))]


def _read(table: Path) -> dict[str, NDArray[np.generic]]:
    with np.load(table) as arrays:
        shard = {key: arrays[key] for key in arrays.files}
    shard["bytes"] = np.memmap(table.with_suffix(".bin"), np.uint8, mode="r")
    return shard


def paint_mask(image: Image, landmarks: Landmarks, rng: np.random.Generator) -> Image:
    """Put one of the synthesised masks on an RGB picture."""
    from train.masks import put_on  # late: a rehearsal brings a painter of its own

    return put_on(image, landmarks, rng).image


def paint_distraction(image: Image, landmarks: Landmarks, rng: np.random.Generator) -> Image:
    """Put something that is no mask before the mouth on an RGB picture."""
    from train.masks.distract import distract

    return distract(image, landmarks, rng)


def chosen(names: NDArray[np.str_], sources: NDArray[np.str_], count: int) -> NDArray[np.intp]:
    """Return ``count`` indices, weighed by source, none twice before all came once.

    Weighted sampling without replacement after Efraimidis and Spirakis (2006).
    """
    weight = np.array([SOURCE_WEIGHT.get(str(s), 1.0) for s in sources])
    weight = np.where(["more-" in str(n) for n in names], weight * MORE_WEIGHT, weight)
    rng = np.random.default_rng(2020)
    rounds = [
        np.argsort(rng.exponential(size=len(names)) / weight)
        for _ in range(-(-count // len(names)))
    ]
    return np.concatenate(rounds)[:count]


def build(
    data: Path,
    cache: Path = DEFAULT_CACHE,
    split: str = "train",
    count: int | None = None,
    paint: Painter = paint_mask,
    distract: Painter = paint_distraction,
) -> Bank:
    """Make the shards that are missing, and open the bank.

    Parameters
    ----------
    data : the face data's folder, or its ``faces`` folder
    count : pictures in all; `COUNT` by default
    paint, distract : put a mask, or something that is none, on an RGB picture

    Raises
    ------
    FileNotFoundError
        if the labels are not where ``data`` says
    """
    count = COUNT[split] if count is None else count
    wanted = range(-(-count // SHARD))
    missing = [n for n in wanted if not (cache / f"{split}-{n:03d}.npz").exists()]
    if missing:
        folder = data if (data / f"{split}.npz").exists() else data / "faces"
        if not (folder / f"{split}.npz").exists():
            raise FileNotFoundError(f"{folder / split}.npz is missing: --data names its folder")
        cache.mkdir(parents=True, exist_ok=True)
        with np.load(folder / f"{split}.npz") as arrays:
            labels = {key: arrays[key] for key in arrays.files}
        order = chosen(labels["names"], labels["source"], count)
        pictures = Pictures(folder, split)
        for number in missing:
            started = time.monotonic()
            part = order[number * SHARD : (number + 1) * SHARD]
            _write(
                cache / f"{split}-{number:03d}", part, labels, pictures, (paint, distract), number
            )
            spent = time.monotonic() - started
            print(f"bank {split}: shard {number + 1} of {len(wanted)}, {spent:.0f} s", flush=True)
    return Bank(cache, split)


def _write(
    stem: Path,
    part: NDArray[np.intp],
    labels: dict[str, NDArray[np.generic]],
    pictures: Pictures,
    painters: tuple[Painter, Painter],
    seed: int,
) -> None:
    """Write one shard: the pictures' bytes, then the table; the table makes it count."""
    rng = np.random.default_rng([2020, seed])
    jpegs: list[bytes] = []
    rows: list[tuple[NDArray[np.float32], NDArray[np.float32], tuple[int, int], bool, str]] = []
    for index in part:
        image = pictures[str(labels["names"][index])]
        marks = Landmarks.from_subset(
            labels["landmarks"][index].astype(np.float32), labels["mesh_index"]
        )
        masked = bool(rng.random() < MASKED_SHARE)
        plain = not masked and rng.random() >= DISTRACTED_SHARE
        shown = image if plain else painters[0 if masked else 1](image, marks, rng)
        bgr = cv2.cvtColor(shown, cv2.COLOR_RGB2BGR)
        jpegs.append(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes())
        size = (image.shape[1], image.shape[0])
        rows.append((marks[OUTLINE], marks.five(), size, masked, str(labels["source"][index])))
    outline, five, size, masked, source = (list(column) for column in zip(*rows, strict=True))
    partial = stem.with_suffix(".partial.npz")
    stem.with_suffix(".bin").write_bytes(b"".join(jpegs))
    np.savez(
        partial,
        span=np.cumsum([0, *map(len, jpegs)]),
        outline=np.array(outline, np.float32),
        five=np.array(five, np.float32),
        size=np.array(size, np.int32),
        masked=np.array(masked),
        source=np.array(source),
    )
    partial.rename(stem.with_suffix(".npz"))


class Pictures:
    """The pictures of a split by name, read from the tars by offset."""

    def __init__(self, folder: Path, split: str) -> None:
        self._where: dict[str, tuple[Path, int, int]] = {}
        for archive in sorted(folder.glob(f"{split}-*.tar")):
            with tarfile.open(archive) as tar:
                for member in tar:
                    self._where[member.name] = (archive, member.offset_data, member.size)

    def __getitem__(self, name: str) -> Image:
        """Return a picture as HxWx3 uint8 RGB."""
        archive, offset, size = self._where[name]
        raw = np.fromfile(archive, np.uint8, count=size, offset=offset)
        return cv2.cvtColor(cv2.imdecode(raw, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB).astype(
            np.uint8, copy=False
        )


def main() -> None:
    """Command line."""
    parser = Command("train.data.patches", __doc__)
    parser.add_argument("--data", type=Path, required=True, help="the face data's folder")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE)
    parser.add_argument("--count", type=int, default=COUNT["train"])
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    with parser.refusing():
        build(arguments.data, arguments.cache, "val")
        pictures = build(arguments.data, arguments.cache, "train", arguments.count)
    print(len(pictures), "pictures")


if __name__ == "__main__":
    main()
