"""Measure what ships: ``python -m train.evaluate --data DIR``.

The engines in ``engines`` run through the same code as in the program. Tables go to the screen and
to OUT/evaluation.md and .json, picture grids beside them. ``--record`` writes the figures into the
manifest, which is where the model cards and the README take them from.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from pathlib import Path

import cv2

from train import evaluate_finder, evaluate_inpainter, evaluate_real, evaluate_segmenter
from train.data.faces import FaceCrops
from train.export import MANIFEST
from unmask_live import Unmasker
from unmask_live.runtime.choose import open_engine

Table = dict[str, dict[str, float]]
PARTS = ("segmenter", "inpainter", "finder", "real")


def markdown(title: str, table: Table) -> str:
    """Return the table as Markdown, one row a name, the union of the keys as columns."""
    keys = list(dict.fromkeys(key for row in table.values() for key in row))
    lines = [f"## {title}", "", "| |" + "|".join(f" {k} " for k in keys) + "|"]
    lines.append("|---|" + "---|" * len(keys))
    for name, row in table.items():
        cells = (f" {row[k]:.4g} " if k in row else " " for k in keys)
        lines.append(f"| {name} |" + "|".join(cells) + "|")
    return "\n".join(lines) + "\n"


def record(table: Table, engine: str, wanted: dict[str, tuple[str, str]], count: int) -> None:
    """Write chosen figures, ``{name: (row, key)}``, into the manifest's entry of an engine."""
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    quality = {k: round(table[row][key], 4) for k, (row, key) in wanted.items() if row in table}
    manifest["engines"][engine]["quality"] = quality | {"pictures": count}
    text = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False)
    MANIFEST.write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m train.evaluate", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the face data's folder")
    parser.add_argument("--out", type=Path, default=Path("runs/evaluation"))
    parser.add_argument("--count", type=int, default=10_000, help="crops at most of the split")
    parser.add_argument("--split", default="test", help="test, or val while choosing")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--photographs", type=int, default=48, help="of real masks, in the grid")
    parser.add_argument("--record", action="store_true", help="write figures to the manifest")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    command = "python -m train.evaluate " + " ".join(sys.argv[1:])
    page = [f"`{command}` on {platform.processor() or platform.machine()}\n"]
    results: dict[str, Table] = {}
    parts = set(arguments.parts)
    faces = FaceCrops(arguments.data, arguments.split) if parts - {"finder", "real"} else None
    if faces is not None and "segmenter" in parts:
        with open_engine("segmenter") as engine:
            table = evaluate_segmenter.evaluate(
                engine, faces, count=arguments.count, sheet=out / "segmenter.png"
            )
        results["segmenter"] = table
        if arguments.record:
            wanted = {
                f"{key} {family}": (family, key)
                for family in ("train", "heldout")
                for key in ("iou", "dice", "accuracy")
            }
            record(table, "segmenter", wanted, min(arguments.count, len(faces)))
    if faces is not None and "inpainter" in parts:
        with open_engine("inpainter") as engine:
            table = evaluate_inpainter.evaluate(
                engine, faces, count=arguments.count, sheet=out / "inpainter.png"
            )
        results["inpainter"] = table
        if arguments.record:
            wanted = {k: ("ours", k) for k in ("psnr", "ssim", "l1", "hole_l1", "sharpness")}
            wanted |= {k: ("ours against telea", k) for k in ("psnr_over", "hole_l1_share")}
            record(table, "inpainter", wanted, min(arguments.count, len(faces)))
    if "finder" in parts:
        with open_engine("finder") as engine:
            table = evaluate_finder.evaluate(engine, arguments.data, sheet=out / "finder.png")
        results["finder"] = table
        if arguments.record:
            record(table, "finder", evaluate_finder.RECORDED, int(table["photographs"]["count"]))
    if "real" in parts:
        with Unmasker() as unmasker:
            row = evaluate_real.evaluate(
                arguments.data / "masked",
                unmasker,
                count=arguments.photographs,
                sheet=out / "real.png",
            )
        results["real masks, whole chain"] = {"unmasked": row}
    page += [markdown(name, table) for name, table in results.items()]
    (out / "evaluation.md").write_text("\n".join(page), encoding="utf-8")
    (out / "evaluation.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    print("\n".join(page))
    print(f"pictures and tables are in {out}")


if __name__ == "__main__":
    main()
