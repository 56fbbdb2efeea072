"""A face data folder made of the public-domain portrait, so that tests need no photographs."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import cv2
import numpy as np

from train.masks.sheet import astronaut

SIDE = 180
"""Of the pictures: so small that the aligned crop reaches beyond them."""


def write(folder: Path, count: int = 4) -> Path:
    """Write train, val and test faces, each shifted and lit a little differently."""
    picture, landmarks = astronaut()
    known = np.flatnonzero(np.isfinite(landmarks.points[:, 0]))
    faces = folder / "faces"
    faces.mkdir(parents=True)
    for split in ("train", "val", "test"):
        names, points = [], []
        with tarfile.open(faces / f"{split}-0.tar", "w") as tar:
            for index in range(count):
                left, top = 150 + 4 * index, 20 + 3 * index
                cut = picture[top : top + SIDE, left : left + SIDE]
                lit = cv2.convertScaleAbs(cut, alpha=1 - 0.05 * index)
                _, code = cv2.imencode(".png", cv2.cvtColor(lit, cv2.COLOR_RGB2BGR))
                member = tarfile.TarInfo(f"{split}/lfw-{index:05d}.png")
                member.size = len(code)
                tar.addfile(member, io.BytesIO(code.tobytes()))
                names.append(member.name)
                points.append(landmarks.points[known] - np.float32([left, top]))
        np.savez(
            faces / f"{split}.npz",
            names=np.array(names),
            landmarks=np.stack(points).astype(np.float16),
            mesh_index=known.astype(np.int16),
            sizes=np.full((count, 2), SIDE, np.int16),
            source=np.array(["lfw"] * count),
        )
    return folder
