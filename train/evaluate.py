"""Measure what ships: ``python -m train.evaluate --data DIR``.

The engines in ``engines`` run through the same code as in the program. Tables go to the screen and
to OUT/evaluation.md and .json, picture grids beside them. ``--record`` also writes the main figures
into ``engines/manifest.json`` and the tables, without pictures, into ``docs/evaluation.md``: the
parts measured replace those of the same name, others stay. ``--inpainter RUN`` and ``--segmenter
RUN`` measure a training's folder in the shipped network's place, a blind one's too. ``--video``
measures steadiness over time instead, on the folder's clips: that takes minutes, and landmarks
(`train.video_labels`). ``--backend openvino:fp32`` (bf16, int8 ...) measures in that precision; by
default it is what is fastest on this machine, and it is named beside the figures.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2

from train import (
    evaluate_finder,
    evaluate_inpainter,
    evaluate_paper,
    evaluate_real,
    evaluate_segmenter,
    evaluate_video,
)
from train.command import Command
from train.data.faces import FaceCrops
from train.evaluation_page import Table, markdown, merged
from train.export import MANIFEST
from train.torch_engine import open_run
from train.video_clip import read_clips
from unmask_live import Unmasker
from unmask_live.commands.machine import cpu_name
from unmask_live.runtime.choose import open_engine
from unmask_live.runtime.engine import Engine
from unmask_live.runtime.manifest import load_manifest

PAGE = Path(__file__).parents[1] / "docs" / "evaluation.md"
INPAINTERS = ("inpainter", "inpainter-small", "ganmasker", "raunet")
TITLES = {
    "segmenter": "segmenter",
    "inpainter": "inpainter",
    "inpainter-small": "smaller inpainter",
    "ganmasker": "GANMasker",
    "raunet": "RA-UNet",
    "finder": "finder",
    "real": "real masks, whole chain",
    "paper": "on the papers' terms",
    "video": "video, whole chain",
}
"""The parts, and their titles on the page."""
USUAL = ("segmenter", *INPAINTERS, "finder", "real", "paper")
"""What is measured where nothing else is asked for, as far as it ships."""
WANTED = {
    "segmenter": {
        f"{key} {family}": (family, key)
        for family in ("train", "heldout")
        for key in ("iou", "dice", "accuracy")
    },
    "inpainter": {
        k: ("ours", k)
        for k in ("psnr", "ssim", "l1", "hole_psnr", "hole_ssim", "hole_l1", "sharpness")
    }
    | {k: ("ours against telea", k) for k in ("psnr_over", "hole_l1_share")},
    "finder": evaluate_finder.RECORDED,
}
"""What of each table goes into the manifest: name there, then row and column of the table."""
WANTED |= dict.fromkeys(INPAINTERS, WANTED["inpainter"])
COUNTED = {"segmenter": "train"} | dict.fromkeys(INPAINTERS, "ours")
"""The row whose ``crops`` are the pictures measured; the finder counts photographs."""


def record(
    table: Table,
    engine: str,
    wanted: dict[str, tuple[str, str]],
    count: int,
    manifest: Path = MANIFEST,
    *,
    backend: str,
) -> None:
    """Write chosen figures, ``{name: (row, key)}``, into the manifest's entry of an engine.

    With them goes what they were measured on: the same network in 8 bits is not as good.
    """
    content = json.loads(manifest.read_text(encoding="utf-8"))
    quality = {k: round(table[row][key], 4) for k, (row, key) in wanted.items() if row in table}
    content["engines"][engine] |= {"quality": quality | {"pictures": count}, "measured_on": backend}
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
    manifest.write_text(text + "\n", encoding="utf-8")


def command(parser: Command, arguments: argparse.Namespace) -> str:
    """Return the command line as anyone would repeat it: DIR for the data, no other paths."""
    words = ["python -m train.evaluate --data DIR"]
    for name in ("backend", "split", "count", "photographs", "frames", "parts"):
        value = getattr(arguments, name)
        if value != parser.get_default(name):
            words.append(f"--{name} {' '.join(value) if name == 'parts' else value}")
    words += [f"--{part} RUN" for part in ("segmenter", "inpainter") if getattr(arguments, part)]
    return " ".join([*words, "--record"] if arguments.record else words)


def measure(part: str, arguments: argparse.Namespace) -> tuple[Table, str]:
    """Return one part's table and what truly ran the networks."""
    data: Path = arguments.data
    sheet: Path = arguments.out / f"{part}.png"
    if part == "video":
        clips = read_clips(data)
        with Unmasker(backend=arguments.backend) as unmasker:
            table = evaluate_video.evaluate(clips, unmasker, most=arguments.frames, sheet=sheet)
            return table, ", ".join(dict.fromkeys(unmasker.backends.values()))
    if part == "real":
        with (
            Unmasker(backend=arguments.backend) as unmasker,
            open_engine("segmenter", backend=arguments.backend) as second,
        ):
            row = evaluate_real.evaluate(
                data / "masked", unmasker, second, count=arguments.photographs, sheet=sheet
            )
            return {"unmasked": row}, ", ".join(dict.fromkeys(unmasker.backends.values()))
    if part == "paper":
        faces = FaceCrops(data, arguments.split)
        with opened("segmenter", arguments) as first, opened("inpainter", arguments) as second:
            table = evaluate_paper.evaluate(
                first,
                second,
                faces,
                count=arguments.count,
                sheet=sheet,
                weights=arguments.metric_weights,
            )
            return table, ", ".join(dict.fromkeys((first.backend, second.backend)))
    with opened(part, arguments) as engine:
        if part == "finder":
            return evaluate_finder.evaluate(engine, data, sheet=sheet), engine.backend
        faces = FaceCrops(data, arguments.split)
        of_inpainter = part in INPAINTERS
        evaluate = evaluate_inpainter.evaluate if of_inpainter else evaluate_segmenter.evaluate
        return evaluate(engine, faces, count=arguments.count, sheet=sheet), engine.backend


def opened(part: str, arguments: argparse.Namespace) -> Engine:
    """Return the shipped engine of a part, or the training's network that stands in for it."""
    run = getattr(arguments, part, None)
    return open_run(run) if run else open_engine(part, backend=arguments.backend)


def usual() -> list[str]:
    """Return what of `USUAL` there is: some inpainters may not ship."""
    there = load_manifest()
    return [part for part in USUAL if part in there or part not in INPAINTERS]


def options() -> Command:
    """Return the command line's options."""
    parser = Command("train.evaluate", __doc__)
    parser.add_argument("--data", type=Path, required=True, help="the face data's folder")
    parser.add_argument("--out", type=Path, default=Path("runs/evaluation"))
    parser.add_argument("--count", type=int, default=10_000, help="crops at most of the split")
    parser.add_argument(
        "--backend",
        default="auto",
        help="what runs the networks, as the program takes it: openvino:int8 measures 8 bits",
    )
    parser.add_argument("--split", default="test", help="test, or val while choosing")
    parser.add_argument("--parts", nargs="+", choices=tuple(TITLES), default=usual())
    parser.add_argument(
        "--video", action="store_const", dest="parts", const=["video"], help="same as --parts video"
    )
    parser.add_argument("--frames", type=int, help="of each clip at most, from its beginning")
    parser.add_argument("--photographs", type=int, default=100, help="of real masks, in the grid")
    for part in ("segmenter", "inpainter"):
        parser.add_argument(f"--{part}", type=Path, metavar="RUN", help="a training's folder")
    parser.add_argument(
        "--metric-weights", type=Path, help="folder with the weights of FID, NIQE and BRISQUE"
    )
    parser.add_argument(
        "--record", action="store_true", help="write figures to the manifest and the docs"
    )
    return parser


def main(argv: list[str] | None = None, *, page: Path = PAGE, manifest: Path = MANIFEST) -> None:
    """Command line."""
    parser = options()
    arguments = parser.parse_args(argv)
    counts = arguments.count, arguments.photographs, arguments.frames
    if min(count for count in counts if count is not None) < 1:
        parser.error("--count, --photographs and --frames must be at least 1")
    if arguments.record and arguments.split != "test":
        parser.error("--record keeps figures of the test split only")
    if arguments.record and (arguments.segmenter or arguments.inpainter):
        parser.error("--record keeps figures of what ships: export the training first")
    cv2.setNumThreads(1)
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    results: dict[str, Table] = {}
    parts: dict[str, str] = {}
    for part in dict.fromkeys(arguments.parts):
        with parser.refusing():
            table, backend = measure(part, arguments)
        title = TITLES[part]
        machine = backend if cpu_name() in backend else f"{cpu_name()}, {backend}"
        made_by = f"`{command(parser, arguments)}` on {machine}"
        results[title], parts[title] = table, f"{markdown(title, table)}\n{made_by}\n"
        print(parts[title])
        if arguments.record and part in WANTED:
            row, key = ("photographs", "count") if part == "finder" else (COUNTED[part], "crops")
            count = int(table[row][key])
            record(table, part, WANTED[part], count, manifest, backend=backend)
    (out / "evaluation.md").write_text(merged("", parts), encoding="utf-8")
    (out / "evaluation.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    if arguments.record:
        old = page.read_text(encoding="utf-8") if page.exists() else ""
        page.write_text(merged(old, parts), encoding="utf-8")
    print(f"pictures and tables are in {out}")


if __name__ == "__main__":
    main()
