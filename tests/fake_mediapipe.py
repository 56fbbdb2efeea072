"""Stands in for MediaPipe, which has no model here: its Tasks and, on request, its old Solutions.

Names, arguments and errors as in its releases 0.10 to 1.2. A face is found wherever the picture is
pure red at the place of an eye, with all six keypoints laid out from there.
"""

from __future__ import annotations

import types
from pathlib import Path
from types import SimpleNamespace

import numpy as np

MODEL = b"TFL3 a face model"


def faces(image: np.ndarray) -> list[list[tuple[float, float]]]:
    """Six keypoints 0..1 for each pair of red and blue eyes: eyes, nose, mouth, ears."""
    reds = np.argwhere((image == (255, 0, 0)).all(2))[:, ::-1]
    blues = np.argwhere((image == (0, 0, 255)).all(2))[:, ::-1]
    height, width = image.shape[:2]
    found = []
    for red, blue in zip(reds.astype(float), blues.astype(float), strict=True):
        across = blue - red
        down = np.array([-across[1], across[0]])
        middle = (red + blue) / 2
        points = [red, blue, middle + 0.6 * down, middle + 1.1 * down]
        points += [red - 0.4 * across, blue + 0.4 * across]
        found.append([(float(x / width), float(y / height)) for x, y in points])
    return found


class Image:
    def __init__(self, image_format: int, data: np.ndarray) -> None:
        if image_format != ImageFormat.SRGB or not data.flags.c_contiguous:
            raise ValueError("unsupported image")
        self.data = data


class ImageFormat:
    SRGB = 1


class BaseOptions:
    def __init__(self, model_asset_path=None, model_asset_buffer=None, delegate=None) -> None:
        self.model_asset_buffer = model_asset_buffer


class FaceDetectorOptions:
    def __init__(
        self,
        base_options: BaseOptions,
        running_mode: str = "IMAGE",
        min_detection_confidence: float = 0.5,
        min_suppression_threshold: float = 0.3,
        result_callback=None,
    ) -> None:
        self.base_options = base_options
        self.confidence = min_detection_confidence


class FaceDetector:
    @classmethod
    def create_from_options(cls, options: FaceDetectorOptions) -> FaceDetector:
        if options.base_options.model_asset_buffer != MODEL:
            raise ValueError("The model is not a valid\nFlatbuffer buffer")
        detector = cls()
        detector.confidence, detector.closed = options.confidence, False
        return detector

    def detect(self, image: Image) -> SimpleNamespace:
        if self.closed:
            raise ValueError("closed")
        found = [
            SimpleNamespace(
                bounding_box=SimpleNamespace(origin_x=0, origin_y=0, width=1, height=1),
                categories=[SimpleNamespace(score=0.6 + 0.1 * index)],
                keypoints=[SimpleNamespace(x=x, y=y) for x, y in points],
            )
            for index, points in enumerate(faces(image.data))
        ]
        kept = [one for one in found if one.categories[0].score >= self.confidence]
        return SimpleNamespace(detections=kept)

    def close(self) -> None:
        self.closed = True


class FaceDetection:
    """The old solution: ``detections`` is None where there is nothing."""

    def __init__(self, min_detection_confidence: float = 0.5, model_selection: int = 0) -> None:
        self.closed = False

    def process(self, image: np.ndarray) -> SimpleNamespace:
        found = [
            SimpleNamespace(
                score=[0.9],
                location_data=SimpleNamespace(
                    relative_keypoints=[SimpleNamespace(x=x, y=y) for x, y in points]
                ),
            )
            for points in faces(image)
        ]
        return SimpleNamespace(detections=found or None)

    def close(self) -> None:
        self.closed = True


def modules(folder: Path, *, carries_model: bool = False) -> dict[str, types.ModuleType]:
    """What ``sys.modules`` is to hold, the package lying in ``folder``."""
    names = (
        "mediapipe",
        "mediapipe.tasks",
        "mediapipe.tasks.python",
        "mediapipe.tasks.python.vision",
        "mediapipe.tasks.python.core",
        "mediapipe.tasks.python.core.base_options",
    )
    made = {name: types.ModuleType(name) for name in names}
    package = made["mediapipe"]
    package.__file__ = str(folder / "__init__.py")
    package.Image, package.ImageFormat = Image, ImageFormat
    made["mediapipe.tasks.python.core.base_options"].BaseOptions = BaseOptions
    vision = made["mediapipe.tasks.python.vision"]
    vision.FaceDetectorOptions, vision.FaceDetector = FaceDetectorOptions, FaceDetector
    made["mediapipe.tasks.python"].vision = vision
    if carries_model:
        path = folder / "modules" / "face_detection" / "face_detection_short_range.tflite"
        path.parent.mkdir(parents=True)
        path.write_bytes(MODEL)
        package.solutions = SimpleNamespace(
            face_detection=SimpleNamespace(FaceDetection=FaceDetection)
        )
    return made
