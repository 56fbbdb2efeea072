"""Aligned face crops, decoded once into a memory-mapped cache.

Reads the layout of the face data: ``<split>-*.tar`` with pictures, ``<split>.npz`` beside it with
``names``, ``landmarks`` (N, K, 2), ``mesh_index`` (K,), ``sizes`` (N, 2) and ``source`` (N,).
Crops are kept with a margin around the 256² the networks see, so that shift, turn and scale can
be varied at load time without showing a border that the photograph does not have.
"""

from __future__ import annotations

import tarfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from train.data.landmarks import Landmarks
from unmask_live.vision import align

MARGIN = 16
SIDE = align.CROP + 2 * MARGIN
DEFAULT_CACHE = Path.home() / ".cache" / "unmask_live" / "faces"

# How often a source is drawn per picture it has. By plain frequency the data is male and frontal:
# the GAN portraits and `more-` pictures bring women and dark skin, karim is soft, utk tight.
SOURCE_WEIGHT = {
    "chq": 1.0, "hmd": 1.6, "youth": 1.6, "basemax": 1.6, "noah": 1.6, "santaz": 1.6,
    "lfw": 0.9, "utk": 0.9, "karim": 0.7, "rmfd": 1.2,
}  # fmt: skip
MORE_WEIGHT = 1.8
"""For pictures whose name begins with ``more-``: the people that the others have few of."""


@dataclass(frozen=True)
class Sample:
    """One aligned crop.

    Attributes
    ----------
    image : (256, 256, 3) uint8 RGB
    landmarks : in crop pixels
    valid : (256, 256) bool, where the photograph really is (elsewhere its edge is repeated)
    source : the label set it came from
    """

    image: NDArray[np.uint8]
    landmarks: Landmarks
    valid: NDArray[np.bool_]
    source: str


class FaceCrops:
    """Aligned crops of one split.

    Parameters
    ----------
    data : folder that holds ``<split>.npz`` (or a ``faces`` folder with it)
    split : "train", "val" or "test"
    cache : folder for the decoded crops; built on first use
    in_memory : read the cache (6.8 GB for the training faces) instead of mapping it: needed where
        the system drops mapped pages, worth it wherever there is room
    """

    def __init__(
        self, data: Path, split: str, cache: Path = DEFAULT_CACHE, *, in_memory: bool = False
    ) -> None:
        folder = data if (data / f"{split}.npz").exists() else data / "faces"
        labels = folder / f"{split}.npz"
        if not labels.exists():
            raise FileNotFoundError(f"{labels} is missing: --data must name the face data's folder")
        with np.load(labels) as arrays:
            self.names = arrays["names"]
            self.sources = arrays["source"].astype(str)
            self._points = arrays["landmarks"].astype(np.float32)
            self._mesh_index = arrays["mesh_index"]
            self._sizes = arrays["sizes"]
        stem = f"{split}-{SIDE}-{len(self.names)}"
        self._crops_path = cache / f"{stem}.npy"
        if not self._crops_path.exists():
            self._build(folder, split)
        self._crops = np.load(self._crops_path, mmap_mode=None if in_memory else "r")
        self._transforms = np.stack([self._transform(i) for i in range(len(self.names))])
        some = slice(0, 2000)
        aligned = [
            Landmarks.from_subset(p, self._mesh_index).moved(t).points
            for p, t in zip(self._points[some], self._transforms[some], strict=True)
        ]
        self._mirror = mirror_index(np.stack(aligned) - MARGIN)
        weight = np.array([SOURCE_WEIGHT.get(s, 1.0) for s in self.sources])
        more = np.array(["more-" in n for n in self.names])
        weight = np.where(more, weight * MORE_WEIGHT, weight)
        self._cumulative = np.cumsum(weight / weight.sum())

    def __len__(self) -> int:
        return len(self.names)

    @property
    def known(self) -> NDArray[np.integer]:
        """Face Mesh numbers of the points that the labels have, (K,)."""
        return self._mesh_index

    def draw(self, rng: np.random.Generator) -> int:
        """Return an index drawn by source weight."""
        return min(int(np.searchsorted(self._cumulative, rng.random())), len(self) - 1)

    def plain(self, index: int) -> Sample:
        """Return the crop as it would be cut at run time: no variation."""
        return self._cut(index, np.array([[1, 0, -MARGIN], [0, 1, -MARGIN]], np.float32))

    def varied(self, index: int, rng: np.random.Generator) -> Sample:
        """Return the crop with a small turn, scale and shift, and mirrored half of the time.

        The spread is that of the finder's keypoints behind a mask, so that the networks do not
        depend on an alignment better than the one they get.
        """
        angle = np.deg2rad(rng.normal(0, 3.5))
        scale = float(np.exp(rng.normal(0, 0.05)))
        shift = rng.normal(0, 4.0, 2)
        centre = SIDE / 2
        cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
        matrix = np.array([[cos, sin, 0], [-sin, cos, 0]], np.float32)
        matrix[:, 2] = align.CROP / 2 + shift - matrix[:, :2] @ np.array([centre, centre])
        sample = self._cut(index, matrix)
        return mirrored(sample, self._mirror) if rng.random() < 0.5 else sample

    def _transform(self, index: int) -> NDArray[np.float32]:
        five = Landmarks.from_subset(self._points[index], self._mesh_index).five()
        matrix = align.similarity(five)
        matrix[:, 2] += MARGIN
        return matrix

    def _cut(self, index: int, matrix: NDArray[np.float32]) -> Sample:
        side = align.CROP
        image = cv2.warpAffine(
            self._crops[index], matrix, (side, side), borderMode=cv2.BORDER_REPLICATE
        )
        full = matrix @ np.vstack([self._transforms[index], [0, 0, 1]]).astype(np.float32)
        landmarks = Landmarks.from_subset(self._points[index], self._mesh_index).moved(full)
        height, width = self._sizes[index]
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        valid = np.zeros((side, side), np.uint8)
        polygon = corners @ full[:, :2].T + full[:, 2]
        cv2.fillConvexPoly(valid, np.round(polygon).astype(np.int32), 1)
        return Sample(image, landmarks, valid.astype(bool), str(self.sources[index]))

    def _build(self, folder: Path, split: str) -> None:
        """Decode every picture once; written under a temporary name, renamed when whole."""
        self._crops_path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._crops_path.with_suffix(".partial.npy")
        shape = (len(self.names), SIDE, SIDE, 3)
        crops = np.lib.format.open_memmap(partial, mode="w+", dtype=np.uint8, shape=shape)
        wanted = {str(name): i for i, name in enumerate(self.names)}
        wanted.update({Path(name).name: i for name, i in list(wanted.items())})
        seen = 0
        for archive in sorted(folder.glob(f"{split}-*.tar")):
            with tarfile.open(archive) as tar:
                for member in tar:
                    index = wanted.get(member.name, wanted.get(Path(member.name).name))
                    stream = tar.extractfile(member) if index is not None else None
                    if stream is None or index is None:
                        continue
                    data = np.frombuffer(stream.read(), np.uint8)
                    picture = cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
                    crops[index] = align.crop(picture, self._transform(index), SIDE)
                    seen += 1
        if seen != len(self.names):
            raise FileNotFoundError(f"{split}: {seen} of {len(self.names)} labelled pictures found")
        crops.flush()
        partial.rename(self._crops_path)


def mirror_index(points: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return for each Face Mesh number the number of its mirror image.

    Told from the labels themselves: in the mean of many aligned faces, the point nearest to the
    mirrored place.

    Parameters
    ----------
    points : (N, 478, 2) aligned landmarks in crop pixels; NaN columns stay as they are
    """
    mean = points.mean(0)
    known = np.flatnonzero(np.isfinite(mean[:, 0]))
    flipped = mean[known] * [-1, 1] + [2 * align.EYES[0], 0]
    distance = np.linalg.norm(flipped[:, None] - mean[known][None], axis=2)
    index = np.arange(len(mean))
    index[known] = known[distance.argmin(1)]
    return index


def mirrored(sample: Sample, index: NDArray[np.int64]) -> Sample:
    """Return the sample as a mirror shows it; ``index`` as `mirror_index` gives it."""
    points = sample.landmarks.points[index].copy()
    points[:, 0] = sample.image.shape[1] - 1 - points[:, 0]
    return Sample(
        np.ascontiguousarray(sample.image[:, ::-1]),
        Landmarks(points),
        np.ascontiguousarray(sample.valid[:, ::-1]),
        sample.source,
    )
