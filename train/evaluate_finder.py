"""Measure the finder: ``python -m train.evaluate_finder --data DIR --engine engines/finder.onnx``.

Four tests, none of them seen in training: photographs of people in real masks (recall by size and
threshold, false finds), scenes without faces that were held out, and the test faces bare and with
synthesised masks on (recall and keypoint error).
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from train.data.landmarks import Landmarks
from train.data.patches import Painter, Pictures, paint_mask
from train.data.scenes import load_scenes
from train.recipes.finder_report import overlaps
from unmask_live.types import Detection
from unmask_live.vision.find import THRESHOLD, Finder, Network

Image = NDArray[np.uint8]
Table = dict[str, dict[str, float]]
Boxes = NDArray[np.float64]

LOWEST = 0.15
THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
ASKED_WIDTH = 48
"""Pixels of width from which a face must be found."""
FALSE_WIDTH = 40
"""Pixels of width from which a find that is no face counts: the box file lacks smaller faces."""
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

        options = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
        self._model = ov.Core().compile_model(str(path), "CPU", options)
        self._names = [output.any_name for output in self._model.outputs]

    def __call__(self, **inputs: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Run once."""
        found = self._model(inputs)
        return {name: found[name] for name in self._names}


@dataclass(frozen=True)
class Seen:
    """What was found in one picture at the lowest threshold, beside what is known.

    Attributes
    ----------
    name : the picture's
    truth : (N, 4) boxes known
    found : surest first
    """

    name: str
    truth: Boxes
    found: list[Detection]

    @property
    def boxes(self) -> Boxes:
        """(M, 4) boxes found."""
        return np.array([d.box for d in self.found], np.float64).reshape(-1, 4)

    @property
    def scores(self) -> NDArray[np.float64]:
        """(M,) their scores."""
        return np.array([d.score for d in self.found], np.float64)


def matches(truth: Boxes, found: Boxes) -> NDArray[np.bool_]:
    """Return (N, M): whether a find is that face.

    By IoU of at least 0.4, or with its centre in the middle half of the box and an area between
    0.4 and 2.5 times its own: the detector that drew the boxes begins them lower on the forehead.
    """
    area = [np.prod(np.maximum(b[:, 2:] - b[:, :2], 1e-6), axis=1) for b in (truth, found)]
    ratio = area[1][None] / area[0][:, None]
    centre = (found[:, :2] + found[:, 2:]) / 2
    middle = (truth[:, :2] + truth[:, 2:]) / 2
    near = np.abs(centre[None] - middle[:, None]) <= (truth[:, 2:] - truth[:, :2])[:, None] / 4
    similar = near.all(2) & (ratio > 0.4) & (ratio < 2.5)
    return np.asarray(similar | (overlaps(truth, found) >= 0.4))


def look_at_masked(finder: Finder, data: Path) -> list[Seen]:
    """Run on every photograph of real masks."""
    seen = []
    for entry in json.loads((data / "masked" / "boxes.json").read_text(encoding="utf-8")):
        truth = np.array([f["box"] for f in entry["faces"]], np.float64).reshape(-1, 4)
        seen.append(Seen(entry["file"], truth, finder(_read(data / "masked" / entry["file"]))))
    return seen


def at_threshold(seen: list[Seen], scenes: list[Seen], threshold: float) -> dict[str, float]:
    """Return recall of faces `ASKED_WIDTH` and wider, in all and by width, and false finds.

    ``false`` is their number a photograph, of `FALSE_WIDTH` and wider; ``scene_finds`` how many
    there are in all the scenes, of any size.
    """
    asked: dict[tuple[int, int], int] = dict.fromkeys(BINS, 0)
    hit: dict[tuple[int, int], int] = dict.fromkeys(BINS, 0)
    false = 0
    for picture in seen:
        boxes = picture.boxes[picture.scores >= threshold]
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
    return out | {"scene_finds": float(sum((s.scores >= threshold).sum() for s in scenes))}


def look_at_scenes(finder: Finder, data: Path) -> list[Seen]:
    """Run on the scenes held out from training: whatever is found there is false."""
    scenes = load_scenes(data, test=True)
    return [Seen(name, np.zeros((0, 4)), finder(image)) for name, image in scenes.items()]


def keypoint_errors(
    finder: Finder,
    data: Path,
    *,
    threshold: float = THRESHOLD,
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
            if found.score >= threshold and matches(box, np.array([found.box]))[0, 0]:
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


def write_sheet(
    seen: list[Seen], folder: Path, path: Path, threshold: float, *, misses: bool
) -> int:
    """Write the false finds (or the missed faces), cut out with surroundings; return how many."""
    cells = []
    for picture in seen:
        boxes = picture.boxes[picture.scores >= threshold]
        match = matches(picture.truth, boxes)
        if misses:
            wide = picture.truth[:, 2] - picture.truth[:, 0] >= ASKED_WIDTH
            wanted = picture.truth[wide & ~match.any(1)]
        else:
            wide = boxes[:, 2] - boxes[:, 0] >= FALSE_WIDTH
            wanted = boxes[wide & ~match.any(0)]
        if not len(wanted):
            continue
        image = _read(folder / picture.name)
        for known in picture.truth:
            _outline(image, known, (255, 255, 255))
        for box in picture.boxes[picture.scores >= threshold]:
            _outline(image, box, (0, 255, 0))
        cells += [_cell(image, box, picture.name) for box in wanted]
    count = len(cells)
    if cells:
        cells = cells[:120]
        cells += [np.zeros_like(cells[0])] * (-len(cells) % 10)
        rows = [np.hstack(cells[i : i + 10]) for i in range(0, len(cells), 10)]
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR))
    return count


def evaluate(
    network: Network,
    data: Path,
    *,
    sheet: Path | None = None,
    misses: Path | None = None,
    threshold: float = THRESHOLD,
    most: int | None = None,
    paint: Painter = paint_mask,
) -> Table:
    """Return every figure: a dictionary of figures for each named test.

    Parameters
    ----------
    network : an open ``finder`` engine, or anything `Finder` takes
    data : the face data's folder
    sheet, misses : write pictures of the false finds and of the missed faces there
    threshold : of the rows "photographs" and "keypoints ..." and of both pictures
    most : test faces for the keypoints; all if None
    paint : puts the masks on for "keypoints masked"
    """
    finder = Finder(network, LOWEST)
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


def _read(path: Path) -> Image:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise FileNotFoundError(f"{path} is no picture")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)


def _outline(image: Image, box: Boxes, colour: tuple[int, int, int]) -> None:
    x0, y0, x1, y1 = (int(v) for v in box)
    thick = max(1, max(image.shape) // 200)
    cv2.rectangle(image, (x0, y0), (x1, y1), colour, thick)


def _cell(image: Image, box: Boxes, name: str, side: int = 150) -> Image:
    """Cut twice the box, square, with the picture's name below."""
    centre = (box[:2] + box[2:]) / 2
    reach = max(box[2:] - box[:2])
    scale = side / (2 * reach)
    matrix = np.array([[scale, 0, 0], [0, scale, 0]], np.float64)
    matrix[:, 2] = side / 2 - centre * scale
    cell = cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_AREA)
    cv2.putText(cell, name.rsplit(".", 1)[0], (2, side - 4), 0, 0.35, (255, 255, 0))
    return cell.astype(np.uint8, copy=False)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m train.evaluate_finder", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the face data's folder")
    parser.add_argument("--engine", type=Path, required=True, help="the finder's ONNX file")
    parser.add_argument("--sheet", type=Path, help="write the false finds as a picture")
    parser.add_argument("--misses", type=Path, help="write the missed faces as a picture")
    parser.add_argument(
        "--at", type=float, default=THRESHOLD, help="threshold of pictures, keypoints"
    )
    parser.add_argument("--most", type=int, help="test faces for the keypoints (all)")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    table = evaluate(
        OnnxNetwork(arguments.engine),
        arguments.data,
        sheet=arguments.sheet,
        misses=arguments.misses,
        threshold=arguments.at,
        most=arguments.most,
    )
    print(report(table))
    if arguments.json:
        arguments.json.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
