"""Measure the finder: ``python -m train.evaluate_finder --data DIR --engine engines/finder.onnx``.

Or another one on the same pictures: ``--finder mediapipe:FILE``.

Four tests, none of them seen in training: photographs of people in real masks (recall by size and
threshold, false finds), scenes without faces that were held out, and the test faces bare and with
synthesised masks on (recall and keypoint error).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from train.command import Command
from train.data.landmarks import Landmarks
from train.data.patches import Painter, Pictures, paint_mask
from train.data.scenes import load_scenes
from train.evaluate_finder_sheet import (
    FALSE_WIDTH,
    Seen,
    matches,
    read,
    write_sheet,
)
from unmask_live.errors import UserError
from unmask_live.types import Detection, Image
from unmask_live.vision.find import Finder, Network
from unmask_live.vision.mediapipe_find import MediaPipeFinder

Table = dict[str, dict[str, float]]
Look = Callable[[Image], list[Detection]]
"""A finder, whichever."""

LOWEST = 0.15
THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
RECORDED = {
    "recall": ("photographs", "recall"),
    "false_finds_a_photograph": ("photographs", "false"),
    "finds_in_scenes": ("photographs", "scene_finds"),
    "keypoint_error_masked": ("keypoints masked", "mean"),
    "keypoint_error_bare": ("keypoints bare", "mean"),
}
"""What of the table goes into the manifest: name there, then row and column here."""
BINS = ((48, 80), (80, 160), (160, 320), (320, 10_000))


class OnnxNetwork:
    """An ONNX file on OpenVINO, for measuring before it stands in the manifest."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        import openvino as ov

        if not path.exists():
            raise UserError(f"{path} is missing: name an ONNX file as --engine")
        options = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
        self._model = ov.Core().compile_model(str(path), "CPU", options)
        self._names = [output.any_name for output in self._model.outputs]

    def __call__(self, **inputs: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Run once."""
        found = self._model(inputs)
        return {name: found[name] for name in self._names}


def look_at_masked(finder: Look, data: Path) -> list[Seen]:
    """Run on every photograph of real masks."""
    boxes = data / "masked" / "boxes.json"
    if not boxes.exists():
        raise UserError(f"{boxes} is missing: --data must name the face data's folder")
    seen = []
    for entry in json.loads(boxes.read_text(encoding="utf-8")):
        truth = np.array([f["box"] for f in entry["faces"]], np.float64).reshape(-1, 4)
        seen.append(Seen(entry["file"], truth, finder(read(data / "masked" / entry["file"]))))
    return seen


def at_threshold(seen: list[Seen], scenes: list[Seen], threshold: float | None) -> dict[str, float]:
    """Return recall of faces `ASKED_WIDTH` and wider, in all and by width, and false finds.

    ``false`` is their number a photograph, of `FALSE_WIDTH` and wider; ``scene_finds`` how many
    there are in all the scenes, of any size. Without a threshold those finds count from which a
    face would be followed: small ones must be surer.
    """
    asked: dict[tuple[int, int], int] = dict.fromkeys(BINS, 0)
    hit: dict[tuple[int, int], int] = dict.fromkeys(BINS, 0)
    false = 0
    for picture in seen:
        boxes = picture.boxes[picture.counted(threshold)]
        match = matches(picture.truth, boxes)
        false += int(((boxes[:, 2] - boxes[:, 0] >= FALSE_WIDTH) & ~match.any(0)).sum())
        for box, row in zip(picture.truth, match, strict=True):
            for low, high in BINS:
                if low <= box[2] - box[0] < high:
                    asked[low, high] += 1
                    hit[low, high] += int(row.any())
    out = {"recall": sum(hit.values()) / max(1, sum(asked.values()))}
    out |= {f"recall_{low}": hit[low, high] / max(1, asked[low, high]) for low, high in BINS}
    out |= {"false": false / max(1, len(seen)), "faces": float(sum(asked.values()))}
    return out | {"scene_finds": float(sum(s.counted(threshold).sum() for s in scenes))}


def look_at_scenes(finder: Look, data: Path) -> list[Seen]:
    """Run on the scenes held out from training: whatever is found there is false."""
    scenes = load_scenes(data, test=True)
    return [Seen(name, np.zeros((0, 4)), finder(image)) for name, image in scenes.items()]


def keypoint_errors(
    finder: Look,
    data: Path,
    *,
    threshold: float | None = None,
    split: str = "test",
    paint: Painter | None = None,
    most: int | None = None,
) -> dict[str, float]:
    """Return recall and errors of the keypoints on labelled faces, the whole photograph shown.

    Parameters
    ----------
    paint : puts a mask on each face first; bare if None
    most : only this many pictures, evenly spread

    Returns
    -------
    ``recall``; ``mean``, ``eyes``, ``mouth``: mean distance over the true eye distance; ``p95`` of
    the mean of a face's five
    """
    folder = data / "faces"
    with np.load(folder / f"{split}.npz") as arrays:
        labels = {key: arrays[key] for key in arrays.files}
    pictures = Pictures(folder, split)
    total = len(labels["names"])
    picked = np.unique(np.linspace(0, total - 1, most or total).astype(int))
    rng = np.random.default_rng(11)
    errors = []
    for index in picked:
        image = pictures[str(labels["names"][index])]
        points = labels["landmarks"][index].astype(np.float32)
        marks = Landmarks.from_subset(points, labels["mesh_index"])
        shown = image if paint is None else paint(image, marks, rng)
        box = np.concatenate([points.min(0), points.max(0)])[None].astype(np.float64)
        for found in finder(shown):
            counts = found.sure if threshold is None else found.score >= threshold
            if counts and matches(box, np.array([found.box]))[0, 0]:
                five = marks.five()
                eyes = float(np.linalg.norm(five[1] - five[0]))
                errors.append(np.linalg.norm(found.keypoints - five, axis=1) / eyes)
                break
    table = np.array(errors).reshape(-1, 5)
    if not len(table):
        return {"recall": 0.0} | dict.fromkeys(("mean", "eyes", "mouth", "p95"), float("nan"))
    return {
        "recall": len(table) / len(picked),
        "mean": float(table.mean()),
        "eyes": float(table[:, :2].mean()),
        "mouth": float(table[:, 3:].mean()),
        "p95": float(np.percentile(table.mean(1), 95)),
    }


def evaluate(
    network: Network | MediaPipeFinder,
    data: Path,
    *,
    sheet: Path | None = None,
    misses: Path | None = None,
    threshold: float | None = None,
    most: int | None = None,
    paint: Painter = paint_mask,
) -> Table:
    """Return every figure: a dictionary of figures for each named test.

    Parameters
    ----------
    network : an open ``finder`` engine or anything `Finder` takes; or a whole finder that returns
        finds of `LOWEST` and surer
    data : the face data's folder
    sheet, misses : write pictures of the false finds and of the missed faces there
    threshold : a score, of the rows "photographs" and "keypoints ..." and of both pictures
    most : test faces for the keypoints; all if None
    paint : puts the masks on for "keypoints masked"
    """
    finder = network if isinstance(network, MediaPipeFinder) else Finder(network, LOWEST)
    masked, scenes = look_at_masked(finder, data), look_at_scenes(finder, data)
    table: Table = {"photographs": at_threshold(masked, scenes, threshold)}
    table["photographs"] |= {"count": float(len(masked)), "scenes": float(len(scenes))}
    for each in THRESHOLDS:
        table[f"photographs at {each:.2f}"] = at_threshold(masked, scenes, each)
    for name, painter in (("bare", None), ("masked", paint)):
        table[f"keypoints {name}"] = keypoint_errors(
            finder, data, threshold=threshold, most=most, paint=painter
        )
    for path, what in ((sheet, False), (misses, True)):
        if path:
            write_sheet(masked, data / "masked", path, threshold, misses=what)
    return table


def report(table: Table) -> str:
    """Return the figures as text."""
    lines = []
    for name, row in table.items():
        lines.append(f"{name:>20} " + "  ".join(f"{k} {v:.4g}" for k, v in row.items()))
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = Command("train.evaluate_finder", __doc__)
    parser.add_argument("--data", type=Path, required=True, help="the face data's folder")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--engine", type=Path, help="our finder's ONNX file")
    which.add_argument("--finder", help="mediapipe, or mediapipe:FILE, in its place")
    parser.add_argument("--sheet", type=Path, help="write the false finds as a picture")
    parser.add_argument("--misses", type=Path, help="write the missed faces as a picture")
    parser.add_argument(
        "--at", type=float, help="threshold of pictures, keypoints (as faces are followed from)"
    )
    parser.add_argument("--most", type=int, help="test faces for the keypoints (all)")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    with parser.refusing():
        table = evaluate(
            OnnxNetwork(arguments.engine) if arguments.engine else _other(arguments.finder),
            arguments.data,
            sheet=arguments.sheet,
            misses=arguments.misses,
            threshold=arguments.at,
            most=arguments.most,
        )
    print(report(table))
    if arguments.json:
        arguments.json.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


def _other(name: str) -> MediaPipeFinder:
    kind, _, model = name.partition(":")
    if kind != "mediapipe":
        raise UserError(f"there is no other finder {name!r}: choose mediapipe or mediapipe:FILE")
    return MediaPipeFinder(Path(model) if model else None, LOWEST)


if __name__ == "__main__":
    main()
