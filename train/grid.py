"""Pictures side by side, for eyes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


def tint(image: Picture, matte: NDArray[np.float32]) -> Picture:
    """Return the picture with the matte laid over it in green."""
    share = 0.6 * matte[..., None]
    return np.asarray(image * (1 - share) + share * np.array([0, 255, 0]), np.uint8)


def grid(rows: Sequence[Sequence[Picture]], *, columns: int = 4) -> Picture:
    """Set equally sized picture groups (each a row of pictures) in so many columns."""
    groups = [np.concatenate(list(r), 1) for r in rows]
    if not groups:
        return np.zeros((1, 1, 3), np.uint8)
    blank = np.full_like(groups[0], 255)
    groups += [blank] * (-len(groups) % columns)
    lines = [np.concatenate(groups[i : i + columns], 1) for i in range(0, len(groups), columns)]
    return np.concatenate(lines, 0)


def write(path: Path, picture: Picture) -> None:
    """Write H×W×3 uint8 RGB."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)):
        raise OSError(f"{path} could not be written")
