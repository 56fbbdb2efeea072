"""A drawn face: the synthesiser needs landmarks and skin, not a person."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from train.data.landmarks import Landmarks
from train.masks.sheet import LANDMARKS


@pytest.fixture(scope="session")
def face() -> tuple[NDArray[np.uint8], Landmarks]:
    """A 256x256 crop with a skin-coloured face where the shipped landmarks lie."""
    import json

    points = np.asarray(json.loads(LANDMARKS.read_text())["points"], np.float32)
    points = (points - points.min(0)) / np.ptp(points, axis=0) * [130, 160] + [63, 40]
    rng = np.random.default_rng(1)
    picture = rng.integers(60, 120, (256, 256, 3), dtype=np.uint8)
    oval = cv2.convexHull(points.astype(np.int32))
    cv2.fillPoly(picture, [oval], (205, 160, 140))
    return picture, Landmarks(points.astype(np.float32))
