"""Landmarks of talking-head clips: ``python -m train.video_labels --data DIR``.

MediaPipe Face Mesh follows the face from frame to frame; its points, smoothed over time, carry a
painted mask through the clip. MediaPipe 0.10.21 brings its models along but pins numpy 1, so it
lives in an environment of its own, where this file needs nothing else::

    python -m venv mp && mp/bin/pip install mediapipe==0.10.21
    PYTHONPATH=. mp/bin/python -m train.video_labels --data DIR
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from train.command import Command
from unmask_live.errors import UserError

CACHE = Path("~/.cache/unmask_live/video").expanduser()
POINTS = 478
LEFT_OUT = ("real-mask-720p.mp4",)
"""Clips whose person wears a mask already: there is no truth beneath."""
SPREAD = 1.5
"""Sigma of the smoothing over time, frames: calms the labels, a blink or a word still passes."""

Marks = NDArray[np.float32]
"""(frames, 478, 2) float32, pixels, by Face Mesh number; NaN in frames without a face."""


class NoLabelsError(UserError):
    """A clip has no landmarks yet, and MediaPipe is not here to make them."""


def clips(data: Path) -> list[Path]:
    """Return the bare talking heads of the data folder, by name."""
    return sorted(p for p in (data / "video").glob("*.mp4") if p.name not in LEFT_OUT)


def cached(clip: Path, cache: Path = CACHE) -> Path:
    """Return where the landmarks of a clip are kept: named by its content."""
    digest = hashlib.sha256(clip.read_bytes()).hexdigest()[:12]
    return cache / f"{clip.stem}-{digest}.npy"


def load(clip: Path, cache: Path = CACHE) -> Marks:
    """Return a clip's landmarks, smoothed over time, made first where MediaPipe is installed.

    Raises
    ------
    NoLabelsError
        in one sentence that says what to install
    """
    path = cached(clip, cache)
    if not path.exists():
        try:
            label(clip, cache)
        except ImportError as error:
            raise NoLabelsError(
                f"{clip.name} has no landmarks in {cache}: make an environment with "
                "'python -m venv mp && mp/bin/pip install mediapipe==0.10.21' and run "
                "'PYTHONPATH=. mp/bin/python -m train.video_labels --data DIR' once"
            ) from error
    return smooth(np.load(path))


def label(clip: Path, cache: Path = CACHE) -> Path:
    """Follow the face through a clip and keep its points.

    Raises
    ------
    ImportError
        where MediaPipe is missing or a release without the face mesh
    """
    try:
        from mediapipe.python.solutions.face_mesh import FaceMesh
    except AttributeError as error:  # built for another numpy
        raise ImportError(str(error)) from error

    marks = []
    video = cv2.VideoCapture(str(clip))
    with FaceMesh(max_num_faces=1, refine_landmarks=True) as mesh:
        while True:
            more, picture = video.read()
            if not more:
                break
            height, width = picture.shape[:2]
            found = mesh.process(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)).multi_face_landmarks
            points = np.full((POINTS, 2), np.nan, np.float32)
            if found:
                points[:] = [[p.x * width, p.y * height] for p in found[0].landmark]
            marks.append(points)
    video.release()
    cache.mkdir(parents=True, exist_ok=True)
    path = cached(clip, cache)
    partial = path.with_suffix(".partial.npy")
    np.save(partial, np.array(marks, np.float32).reshape(-1, POINTS, 2))
    partial.rename(path)
    return path


def seen(marks: Marks) -> NDArray[np.bool_]:
    """Tell in which frames there is a face, (frames,) bool."""
    return np.isfinite(marks[:, 0, 0])


def smooth(marks: Marks, spread: float = SPREAD) -> Marks:
    """Return the landmarks after a Gaussian over time, without lag and not across gaps.

    A frame without a face stays NaN; weights near a gap or an end are shared among what is there,
    along the line through it, so that steady motion is kept as it is.
    """
    there = seen(marks)
    out = np.full_like(marks, np.nan)
    reach = int(np.ceil(3 * spread))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]])))
    for begin, end in edges.reshape(-1, 2):
        for frame in range(begin, end):
            near = np.arange(max(begin, frame - reach), min(end, frame + reach + 1))
            out[frame] = _line(near - frame, marks[near], spread)
    return out


def _line(offset: NDArray[np.int_], values: Marks, spread: float) -> Marks:
    """Fit value = a + b offset with Gaussian weights, and return a."""
    weight = np.exp(-0.5 * (offset / spread) ** 2)
    sums = [float((weight * offset**k).sum()) for k in range(3)]
    gap = sums[0] * sums[2] - sums[1] ** 2
    if gap < 1e-9:
        return np.asarray(values[0], np.float32)
    share = weight * (sums[2] - sums[1] * offset) / gap
    return np.asarray(np.tensordot(share, values, axes=1), np.float32)


def main() -> None:
    """Command line."""
    parser = Command("train.video_labels", __doc__)
    parser.add_argument("--data", type=Path, required=True, help="the face data's folder")
    given = parser.parse_args()
    with parser.refusing():
        found = clips(given.data)
        if not found:
            parser.error(f"{given.data}/video has no clips: --data names its folder")
        for clip in found:
            marks = np.load(label(clip))
            with_face = int(seen(marks).sum())
            print(f"{clip.name}: {len(marks)} frames, a face in {with_face}", flush=True)


if __name__ == "__main__":
    main()
