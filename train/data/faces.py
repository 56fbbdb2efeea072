"""Aligned face crops, decoded once into a memory-mapped cache.

What can be read is said in `train.data.sources`, how it is cut in `train.data.cut`. Crops are kept
with a margin around what the networks see, so that shift, turn and scale can be varied at load time
without showing a border that the photograph does not have.
"""

from __future__ import annotations

import itertools
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from train.data import cut as cuts
from train.data.landmarks import Landmarks
from train.data.sources import Source, open_source
from unmask_live.errors import UserError
from unmask_live.vision import align

MARGIN = 16
"""Of 256² crops, pixels; of others as much in proportion."""
DEFAULT_CACHE = Path.home() / ".cache" / "unmask_live" / "faces"

AHEAD = 512
"""Pictures that wait to be decoded: some megabytes."""

# How often a source is drawn per picture it has. By plain frequency the data is male and frontal:
# the GAN portraits and `more-` pictures bring women and dark skin, karim is soft, utk tight.
SOURCE_WEIGHT = {
    "chq": 1.0, "hmd": 1.6, "youth": 1.6, "basemax": 1.6, "noah": 1.6, "santaz": 1.6,
    "lfw": 0.9, "utk": 0.9, "karim": 0.7, "rmfd": 1.2,
}  # fmt: skip
MORE_WEIGHT = 1.8
"""For pictures whose name begins with ``more-``: the people that the others have few of."""
FACE_ON, TURNED = 0.15, 0.3
"""`Landmarks.turn` up to which a head counts as face on, and from which as turned aside."""


@dataclass(frozen=True)
class Sample:
    """One aligned crop.

    Attributes
    ----------
    image : (S, S, 3) uint8 RGB, S being 256 if nothing else is asked for
    landmarks : in crop pixels
    valid : (S, S) bool, where the photograph really is (elsewhere its edge is repeated)
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
    data : folder with faces, of any kind that `train.data.sources` knows
    split : "train", "val" or "test"
    cache : folder for the decoded crops; built on first use
    in_memory : read the cache (6.8 GB for the training faces) instead of mapping it: needed where
        the system drops mapped pages, worth it wherever there is room
    subset : as in `open_source`
    side : of the crops, pixels
    cut : as in `train.data.cut`
    turned : how many times more often than others heads at half profile are drawn: photographs
        show few

    Raises
    ------
    UserError
        on another ``side`` or ``cut``, or ``turned`` below 0
    """

    def __init__(
        self,
        data: Path,
        split: str,
        cache: Path = DEFAULT_CACHE,
        *,
        in_memory: bool = False,
        subset: bool = False,
        side: int = align.CROP,
        cut: str = cuts.EYES,
        turned: float = 0.0,
    ) -> None:
        cuts.check(cut, side)
        if turned < 0:
            raise UserError(f"turned is {turned:g}, wanted 0 or more")
        self.side, self.cut, self._margin = side, cut, MARGIN * side // align.CROP
        source = open_source(data, split, subset=subset)
        if not len(source.names):
            raise FileNotFoundError(f"{data} has no pictures for {split}")
        self.names, self.sources = source.names, source.sources
        self._points, self._mesh_index = source.points, source.mesh_index
        self._sizes = source.sizes
        kind = "" if cut == cuts.EYES else f"{cut}-"
        self._crops_path = cache / f"{split}-{kind}{self._kept}-{source.key}.npy"
        if not self._crops_path.exists():
            self._build(source, split)
        self._crops = np.load(self._crops_path, mmap_mode=None if in_memory else "r")
        self._transforms = np.stack([self._transform(i) for i in range(len(self.names))])
        some = slice(0, 2000)
        aligned = [
            Landmarks.from_subset(p, self._mesh_index).moved(t).points
            for p, t in zip(self._points[some], self._transforms[some], strict=True)
        ]
        self._mirror = mirror_index(np.stack(aligned) - self._margin, side)
        weight = np.array([SOURCE_WEIGHT.get(s, 1.0) for s in self.sources])
        more = np.array(["more-" in n for n in self.names])
        weight = np.where(more, weight * MORE_WEIGHT, weight)
        if turned:
            landmarks = (Landmarks.from_subset(p, self._mesh_index) for p in self._points)
            turns = np.array([abs(one.turn()) for one in landmarks])
            weight *= 1 + turned * np.clip((turns - FACE_ON) / (TURNED - FACE_ON), 0, 1)
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
        margin = self._margin
        return self._cut(index, np.array([[1, 0, -margin], [0, 1, -margin]], np.float32))

    def varied(self, index: int, rng: np.random.Generator) -> Sample:
        """Return the crop with a small turn, scale and shift, and mirrored half of the time.

        The spread is that of the finder's keypoints behind a mask, so that the networks do not
        depend on an alignment better than the one they get.
        """
        angle = np.deg2rad(rng.normal(0, 3.5))
        scale = float(np.exp(rng.normal(0, 0.05)))
        shift = rng.normal(0, 4.0, 2) * (self.side / align.CROP)
        centre = self._kept / 2
        cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
        matrix = np.array([[cos, sin, 0], [-sin, cos, 0]], np.float32)
        matrix[:, 2] = self.side / 2 + shift - matrix[:, :2] @ np.array([centre, centre])
        sample = self._cut(index, matrix)
        return mirrored(sample, self._mirror) if rng.random() < 0.5 else sample

    def _transform(self, index: int) -> NDArray[np.float32]:
        five = Landmarks.from_subset(self._points[index], self._mesh_index).five()
        matrix = cuts.transform(self.cut, self.side, five, self._sizes[index])
        matrix[:, 2] += self._margin
        return matrix

    @property
    def _kept(self) -> int:
        """Side of what is kept, pixels."""
        return self.side + 2 * self._margin

    def _cut(self, index: int, matrix: NDArray[np.float32]) -> Sample:
        side = self.side
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

    def _build(self, source: Source, split: str) -> None:
        """Decode every picture once; written under a temporary name, renamed when whole."""
        print(f"cutting out {len(self.names)} faces, once: {self._crops_path}", file=sys.stderr)
        self._crops_path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._crops_path.with_suffix(f".{os.getpid()}.partial.npy")
        shape = (len(self.names), self._kept, self._kept, 3)
        crops = np.lib.format.open_memmap(partial, mode="w+", dtype=np.uint8, shape=shape)

        def decode(item: tuple[int, bytes]) -> int:
            index, data = item
            picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
            picture = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
            crops[index] = align.crop(picture, self._transform(index), self._kept)
            return index

        seen: set[int] = set()
        encoded = source.encoded()
        with ThreadPoolExecutor() as pool:  # decoding and warping leave the interpreter's lock
            while part := list(itertools.islice(encoded, AHEAD)):
                seen.update(pool.map(decode, part))
        if len(seen) != len(self.names):
            partial.unlink()
            raise FileNotFoundError(
                f"{split}: {len(seen)} of {len(self.names)} labelled pictures found"
            )
        crops.flush()
        partial.rename(self._crops_path)


def mirror_index(points: NDArray[np.float32], side: int = align.CROP) -> NDArray[np.int64]:
    """Return for each Face Mesh number the number of its mirror image.

    Told from the labels themselves: in the mean of many aligned faces, the point nearest to the
    mirrored place.

    Parameters
    ----------
    points : (N, 478, 2) aligned landmarks in crop pixels; NaN columns stay as they are
    side : of the crop, pixels: faces are in its middle, in the mean
    """
    mean = points.mean(0)
    known = np.flatnonzero(np.isfinite(mean[:, 0]))
    flipped = mean[known] * [-1, 1] + [side, 0]
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
