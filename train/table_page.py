"""What `train.table` writes: Markdown, and a grid of the same faces in every method's row."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from train import published
from train.evaluation_page import Table, markdown
from train.table_measure import ALL, Groups

Image = NDArray[np.uint8]
WHOLE = ("psnr", "ssim", "l1", "fid", "niqe", "brisque")
HOLE = ("hole_psnr", "hole_ssim", "hole_l1", "sharpness")
COST = ("parameters", "gmac", "ms", "crops", "seeds")

NOTE = """`psnr`, `ssim`, `l1`, `fid`, `niqe` and `brisque` are of whole crops, of which most was
never touched; `hole_` figures are inside the hole alone, and `sharpness` is the gradient there over
the truth's. `±` is half of what lies between the highest and the lowest seed. `gmac` are billions
of multiply-accumulates a crop, `ms` the median of one crop on the CPU named below. A blind network
saw the face with a mask painted over the same hole; of its picture, too, only the hole counts.
"""
PUBLISHED = """The papers' own figures, on faces and masks of their own, at their own size and
training: never to be compared with the rows above digit by digit, nor with each other's.
"""


def over_seeds(runs: Sequence[Groups]) -> Groups:
    """Return means by group; where there are several seeds, with half the range as ``KEY ±``."""
    out: Groups = {}
    for group in runs[0]:
        rows = [run[group] for run in runs if group in run]
        out[group] = {}
        for key in rows[0]:
            values = [row[key] for row in rows if key in row]
            out[group][key] = float(np.mean(values))
            if len(values) > 1 and key in (*WHOLE, *HOLE):
                out[group][f"{key} ±"] = (max(values) - min(values)) / 2
    return out


def page(methods: dict[str, Groups], budget: str) -> str:
    """Return the page: all crops, by masked share, by source, the published figures, the budget.

    Parameters
    ----------
    methods : of each row, what `over_seeds` gives
    """
    wanted = [name for key in (*WHOLE, *HOLE) for name in (key, f"{key} ±")] + list(COST)
    whole: Table = {
        name: {key: groups[ALL][key] for key in wanted if key in groups[ALL]}
        for name, groups in methods.items()
    }
    parts = [markdown("measured here", whole), NOTE, budget]
    for title, start in (("PSNR in the hole, by masked share", "masked "), ("by source", "from ")):
        table: Table = {
            name: {
                group: row["hole_psnr"] for group, row in groups.items() if group.startswith(start)
            }
            for name, groups in methods.items()
        }
        parts.append(markdown(title, table))
    sizes = {name: {"parameters": count} for name, count in published.PARAMETERS.items()}
    theirs: Table = {}
    for some in (published.WHOLE, sizes, published.SEGMENTERS):
        for name, row in some.items():
            theirs[name] = theirs.get(name, {}) | row
    return "\n".join([*parts, markdown("published", theirs), PUBLISHED])


def grid(rows: dict[str, list[Image]]) -> Image:
    """Return one row a method, its name in its first picture."""
    lines = []
    for name, pictures in rows.items():
        line = np.concatenate(pictures, 1)
        for colour, thick in ((0, 3), (255, 1)):  # readable on any skin
            cv2.putText(
                line,
                name,
                (6, 18),
                cv2.FONT_HERSHEY_SIMPLEX,
                0.5,
                (colour,) * 3,
                thick,
                cv2.LINE_AA,
            )
        lines.append(line)
    return np.concatenate(lines, 0) if lines else np.zeros((1, 1, 3), np.uint8)
