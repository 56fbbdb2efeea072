"""A face data folder made of drawings, so that tests need no photographs."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import cv2
import numpy as np

from train.data.landmarks import LEFT_EYE, MOUTH, NOSE_TIP, OVAL, RIGHT_EYE

SIDE = 160
LEFT, RIGHT, NOSE = (220, 20, 20), (20, 20, 220), (20, 220, 20)
"""Colours of the image-left eye, the image-right eye and the nose, RGB."""
MESH = tuple(sorted({*OVAL, NOSE_TIP, 4, 5, *LEFT_EYE, *RIGHT_EYE, *MOUTH}))


def landmarks() -> np.ndarray:
    """(478, 2): an oval face in the middle of the picture."""
    points = np.full((478, 2), np.nan, np.float32)
    turn = np.linspace(0, 2 * np.pi, len(OVAL), endpoint=False)
    points[list(OVAL)] = np.stack([80 + 40 * np.sin(turn), 80 - 50 * np.cos(turn)], 1)
    points[[NOSE_TIP, 4, 5]] = [[80, 88], [80, 84], [80, 80]]
    points[list(LEFT_EYE)] = [[54, 70], [70, 70]]
    points[list(RIGHT_EYE)] = [[106, 70], [90, 70]]
    points[list(MOUTH)] = [[66, 108], [94, 108]]
    return points


def face() -> np.ndarray:
    """A drawn face, HxWx3 uint8 RGB: eyes red and blue, nose green, each 10 pixels wide."""
    image = np.full((SIDE, SIDE, 3), 90, np.uint8)
    cv2.ellipse(image, (80, 80), (40, 50), 0, 0, 360, (200, 170, 150), -1)
    for centre, colour in (((62, 70), LEFT), ((98, 70), RIGHT), ((80, 88), NOSE)):
        cv2.circle(image, centre, 8, colour, -1)
    return image


def write(folder: Path, count: int = 6) -> Path:
    """Write train, val and test faces, scenes and one masked photograph; return the folder."""
    faces, scenes, masked = folder / "faces", folder / "scenes", folder / "masked"
    for each in (faces, scenes, masked):
        each.mkdir(parents=True)
    marks = np.repeat(landmarks()[None, list(MESH)], count, axis=0).astype(np.float16)
    for split in ("train", "val", "test"):
        names = [f"{split}/lfw-{i:05d}.webp" for i in range(count)]
        _tar(faces / f"{split}-0.tar", {name: face() for name in names})
        np.savez(
            faces / f"{split}.npz",
            names=np.array(names),
            landmarks=marks,
            mesh_index=np.array(MESH, np.int16),
            sizes=np.full((count, 2), SIDE, np.int16),
            source=np.array(["lfw"] * count),
        )
    rng = np.random.default_rng(0)
    rooms = {
        f"scenes/room-{i:04d}.webp": rng.integers(0, 255, (48, 64, 3)).astype(np.uint8)
        for i in range(40)
    }
    _tar(scenes / "scenes.tar", rooms)
    cv2.imwrite(str(masked / "web-0001.webp"), face()[:, :, ::-1])
    box = {"box": [40.0, 40.0, 120.0, 130.0], "score": 0.9, "label": "masked"}
    entry = {"file": "web-0001.webp", "size": [SIDE, SIDE], "faces": [box]}
    (masked / "boxes.json").write_text(json.dumps([entry]), encoding="utf-8")
    return folder


def _tar(path: Path, pictures: dict[str, np.ndarray]) -> None:
    with tarfile.open(path, "w") as tar:
        for name, image in pictures.items():
            data = cv2.imencode(".webp", image[:, :, ::-1])[1].tobytes()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
