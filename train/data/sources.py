"""Where faces come from: archives with labels, CelebA as it is distributed, or a plain folder.

``DIR/SPLIT.npz`` beside ``DIR/SPLIT-*.tar`` (or both in ``DIR/faces``) is the layout that
docs/data.md describes. CelebA is told by ``img_align_celeba`` and ``list_eval_partition.txt``,
whose own three parts are kept. Any other folder of pictures is split by a hash of the names. The
latter two have no landmarks: those come from `train.data.label`.
"""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from train.data import label

SPLITS = ("train", "val", "test")
HELD_OUT = {"val": range(92, 96), "test": range(96, 100)}
"""Which hundredths of a plain folder a split gets; the rest is for training."""
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")


@dataclass(frozen=True)
class Source:
    """The labelled faces of one split.

    Attributes
    ----------
    names : [N]
    sources : [N], by which pictures are weighted
    points : [N, K, 2] float32 (x, y) in picture pixels
    mesh_index : [K], Face Mesh numbers of the points
    sizes : [N, 2] height, width
    key : tells this set from others in the cache's file names
    encoded : yields (index, file's bytes) of every picture, in any order
    """

    names: NDArray[np.str_]
    sources: NDArray[np.str_]
    points: NDArray[np.float32]
    mesh_index: NDArray[np.integer]
    sizes: NDArray[np.integer]
    key: str
    encoded: Callable[[], Iterator[tuple[int, bytes]]]

    @property
    def digest(self) -> str:
        """How many pictures there are and what of their names tells them from other sets."""
        names = zlib.crc32("\n".join(map(str, self.names)).encode())
        return f"{len(self.names)} faces {names:08x}"


def open_source(data: Path, split: str, *, subset: bool = False) -> Source:
    """Return a split of whatever lies in a folder.

    Parameters
    ----------
    subset : be content with the labelled pictures that are there, where archives are missing

    Raises
    ------
    FileNotFoundError
        where no faces are there
    label.NoLabelsError
        where they have no landmarks and none can be made here
    """
    for folder in (data, data / "faces"):
        if (folder / f"{split}.npz").exists():
            return _archives(folder, split, subset=subset)
    names = listed(data)
    if not names:
        raise FileNotFoundError(
            f"{data / 'faces' / f'{split}.npz'} is missing and {data} has no pictures: --data must "
            "name the face data's folder"
        )
    return _folder(data, split, names)


def listed(data: Path) -> dict[str, str]:
    """Return the pictures below a folder, path from there to split; CelebA keeps its own."""
    celeba = _celeba(data)
    if celeba is not None:
        return celeba
    found = sorted(p for p in data.rglob("*") if p.suffix.lower() in PICTURES)
    return {(name := p.relative_to(data).as_posix()): split_of(name) for p in found}


def split_of(name: str) -> str:
    """Return the split of a plain folder's picture, by its name alone."""
    place = zlib.crc32(name.encode()) % 100
    return next((split for split, held in HELD_OUT.items() if place in held), "train")


def _celeba(data: Path) -> dict[str, str] | None:
    """Return CelebA's pictures and their parts, or None where the folder is not CelebA."""
    folders = [data / "img_align_celeba", data / "Img" / "img_align_celeba"]
    lists = [p / "list_eval_partition.txt" for p in (data, data / "Eval")]
    folder = next((p for p in folders if p.is_dir()), None)
    parts = next((p for p in lists if p.exists()), None)
    if folder is None or parts is None:
        return None
    # Unpacked by some tools the folder lies once more in itself.
    inner = folder / folder.name
    start = (inner if inner.is_dir() else folder).relative_to(data).as_posix()
    rows = (line.split() for line in parts.read_text(encoding="utf-8").splitlines())
    return {f"{start}/{row[0]}": SPLITS[int(row[1])] for row in rows if len(row) == 2}


def _archives(folder: Path, split: str, *, subset: bool) -> Source:
    with np.load(folder / f"{split}.npz") as arrays:
        content = {key: arrays[key] for key in arrays.files}
    key = str(len(content["names"]))
    if subset:
        here = _members(folder, split)
        mine = [Path(str(name)).name in here for name in content["names"]]
        content |= {k: v[mine] for k, v in content.items() if k != "mesh_index"}
        if not all(mine):
            key = f"{sum(mine)}-{zlib.crc32(chr(10).join(content['names']).encode()):08x}"
    names = content["names"]
    wanted = {str(name): i for i, name in enumerate(names)}
    wanted.update({Path(name).name: i for name, i in list(wanted.items())})

    def encoded() -> Iterator[tuple[int, bytes]]:
        for archive in sorted(folder.glob(f"{split}-*.tar")):
            with tarfile.open(archive) as tar:
                for member in tar:
                    index = wanted.get(member.name, wanted.get(Path(member.name).name))
                    stream = tar.extractfile(member) if index is not None else None
                    if stream is not None and index is not None:
                        yield index, stream.read()

    points = content["landmarks"].astype(np.float32)
    return Source(
        names, content["source"].astype(str), points, content["mesh_index"], content["sizes"],
        key, encoded,
    )  # fmt: skip


def _members(folder: Path, split: str) -> set[str]:
    """Return the file names in a split's archives."""
    names: set[str] = set()
    for archive in folder.glob(f"{split}-*.tar"):
        with tarfile.open(archive) as tar:
            names.update(Path(name).name for name in tar.getnames())
    return names


def _folder(data: Path, split: str, names: dict[str, str]) -> Source:
    marks = label.load(data, list(names))
    mine = [i for i, name in enumerate(marks.names) if names.get(name) == split]
    kept = [marks.names[i] for i in mine]
    crc = zlib.crc32("\n".join([str(data.resolve()), *kept]).encode())

    def encoded() -> Iterator[tuple[int, bytes]]:
        for index, name in enumerate(kept):
            yield index, (data / name).read_bytes()

    return Source(
        np.array(kept, np.str_),
        np.array([data.resolve().name] * len(kept), np.str_),
        marks.points[mine].astype(np.float32),
        np.arange(label.POINTS),
        marks.sizes[mine],
        f"{len(kept)}-{crc:08x}",
        encoded,
    )
