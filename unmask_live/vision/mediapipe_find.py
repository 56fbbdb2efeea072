"""MediaPipe's face detector (extra ``mediapipe``) in the place of our own finder.

MediaPipe's current releases carry no model: the user points to one, ``mediapipe:FILE`` or the
environment variable below. Older releases that still carry theirs are used as they are.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from unmask_live.errors import UserError
from unmask_live.types import Detection, Floats, Image

VARIABLE = "UNMASK_LIVE_MEDIAPIPE_MODEL"
CARRIED = Path("modules") / "face_detection" / "face_detection_short_range.tflite"
"""Where older releases have their model, below the package."""
SUPPRESSION = 0.3
"""Overlap from which MediaPipe takes two finds for one face; its own default."""
MOUTH = 0.89
"""Distance of the mouth's corners, in face sizes. MediaPipe gives the mouth's middle alone."""
REACH = (1.13, 1.39, 1.14, 1.32)
"""Left, up, right and down from the middle of eyes and mouth to the box's edges, in face sizes.

This and `MOUTH` are medians over 572 labelled faces. A face's size is the distance between its
eyes or, on a turned head, 0.8 of that from the eyes to the mouth.
"""
TURNED = 1.25
Found = tuple[Sequence[tuple[float, float]], float]
"""MediaPipe's first four keypoints, 0..1 of width and height, and the score 0..1."""


@dataclass(frozen=True)
class _Detector:
    """A way to MediaPipe's detector, old or new."""

    run: Callable[[Image], list[Found]]
    close: Callable[[], None]


class MediaPipeFinder:
    """Finds faces as `unmask_live.vision.find.Finder` does, by MediaPipe's BlazeFace.

    Parameters
    ----------
    model : a BlazeFace ``.tflite``; by default what `VARIABLE` names, else the installed release's
    threshold : score from which a find counts, 0..1

    Raises
    ------
    UserError
        if MediaPipe is missing, there is no model, or it is none
    """

    def __init__(self, model: Path | None = None, threshold: float = 0.5) -> None:
        package = _package()
        named = os.environ.get(VARIABLE)
        path = model or (Path(named) if named else None)
        carried = Path(package.__file__).parent / CARRIED
        if path is not None:
            self._detector = _by_task(path, threshold)
        elif carried.is_file() and hasattr(package, "solutions"):
            path, self._detector = carried, _by_solution(package, threshold)
        else:
            raise UserError(
                "the installed MediaPipe carries no face model: download one (BlazeFace short "
                f"range, .tflite) and name it by --finder mediapipe:FILE or {VARIABLE}"
            )
        self.backend = f"MediaPipe {metadata.version('mediapipe')} CPU ({path.name})"

    def __call__(self, image: Image) -> list[Detection]:
        """Return the faces of an H×W×3 uint8 RGB frame, surest first.

        Raises
        ------
        ValueError
            if the picture is empty, or not H×W×3 uint8
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
            raise ValueError(f"want a non-empty H×W×3 uint8 picture, got {image.shape}")
        size = np.array(image.shape[1::-1], np.float32)
        found = [
            to_detection(np.array(points, np.float32) * size, score)
            for points, score in self._detector.run(np.ascontiguousarray(image))
        ]
        return sorted((one for one in found if one is not None), key=lambda one: -one.score)

    def close(self) -> None:
        """Free the detector."""
        self._detector.close()


def to_detection(points: Floats, score: float) -> Detection | None:
    """Return a face from BlazeFace's keypoints; None where the eyes coincide.

    Parameters
    ----------
    points : (4, 2) or more, frame pixels: image-left eye, image-right eye, nose tip, middle of the
        mouth; ears may follow
    """
    left, right, nose, mouth = points[:4].astype(np.float64)
    across, middle = right - left, (left + right) / 2
    distance = float(np.hypot(*across))
    if distance < 1e-3:
        return None
    size = max(distance, float(np.hypot(*(mouth - middle))) / TURNED)
    corner = across / distance * (MOUTH * size / 2)
    five = np.stack([left, right, nose, mouth - corner, mouth + corner]).astype(np.float32)
    x, y = (middle + mouth) / 2
    reach = [size * part for part in REACH]
    box = (x - reach[0], y - reach[1], x + reach[2], y + reach[3])
    return Detection(tuple(float(side) for side in box), five, float(score))  # type: ignore[arg-type]


def _package() -> Any:
    try:
        import mediapipe
    except ImportError as error:
        raise UserError(
            f"MediaPipe is not installed ({error}): pip install 'unmask-live[mediapipe]'"
        ) from error
    return mediapipe


def _by_task(model: Path, threshold: float) -> _Detector:
    """Use a model file through MediaPipe's Tasks, which 0.10 and later have."""
    import mediapipe
    from mediapipe.tasks.python import vision
    from mediapipe.tasks.python.core.base_options import BaseOptions

    if not model.is_file():
        raise UserError(f"there is no MediaPipe model {model}: name a BlazeFace .tflite file")
    options = vision.FaceDetectorOptions(
        # Its bytes: paths of Windows and beyond ASCII are not taken by every release.
        base_options=BaseOptions(model_asset_buffer=model.read_bytes()),
        min_detection_confidence=threshold,
        min_suppression_threshold=SUPPRESSION,
    )
    try:
        detector = vision.FaceDetector.create_from_options(options)
    except (ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise UserError(
            f"MediaPipe takes {model} for no face model ({reason}): name a BlazeFace .tflite file"
        ) from error

    def run(image: Image) -> list[Found]:
        shown = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=image)
        return [
            ([(p.x, p.y) for p in one.keypoints], one.categories[0].score)
            for one in detector.detect(shown).detections
            if one.keypoints and len(one.keypoints) >= 4
        ]

    return _Detector(run, detector.close)


def _by_solution(package: Any, threshold: float) -> _Detector:
    """Use the model that a release before the Tasks carries."""
    detector = package.solutions.face_detection.FaceDetection(
        model_selection=0, min_detection_confidence=threshold
    )

    def run(image: Image) -> list[Found]:
        found: list[Found] = []
        for one in detector.process(image).detections or ():
            points = one.location_data.relative_keypoints
            if len(points) >= 4:
                found.append(([(p.x, p.y) for p in points], one.score[0]))
        return found

    return _Detector(run, detector.close)
