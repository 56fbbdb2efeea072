"""The whole field in one table: ``python -m train.table --data DIR --out DIR --pictures N``.

Every method is trained by its own recipe, with its own losses, on the same faces and holes in the
same order, for as many pictures, at the same cost of a crop; then all are measured on the test
split. What is trained or measured already is kept: a run that was killed goes on where it was,
``--only NAME`` does one row again, and several commands with ``--train-only`` and other rows share
one ``--out``. Rows of a table that is ``--known`` need not be trained here. A row that comes to no
number is named on the page, and the others go on. ``--list`` prints the rows and their sizes and
ends. ``--variants`` compares forms of the live network with each other, each at its own cost (give
it an ``--out`` of its own; `train.pareto` draws them).
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import torch

from train import config as settings
from train import fit, table_known
from train.command import Command
from train.config import Common
from train.data.sources import open_source
from train.table_collect import collect, of
from train.table_rows import (
    FACES,
    Budget,
    Row,
    all_rows,
    check,
    done,
    folder,
    forget,
    live_macs,
    variants,
    width_of,
)
from unmask_live.errors import UserError
from unmask_live.vision.align import CROP


def train(row: Row, run: Path, given: argparse.Namespace, words: list[str], steps: int) -> None:
    """Begin a row's training, or go on with it; nothing where it is done."""
    faces = open_source(given.data, "train").digest
    check(run, row, words, faces)
    if done(run, steps)[0] >= steps:
        return
    run.mkdir(parents=True, exist_ok=True)
    (run / FACES).write_text(faces, encoding="utf-8")
    begun = ["--resume"] if (run / "last.pt").exists() else []
    threads = ["--threads", str(given.threads)] if given.threads else []
    command = [row.recipe, "--data", str(given.data), "--out", str(run), *threads, *begun]
    fit.main([*command, "--set", *words])


def left(seconds: float, steps: list[int], number: int) -> str:
    """Return about how many hours are left, as the steps taken so far went; "" where none was.

    Parameters
    ----------
    seconds : spent since the beginning
    steps : that each training had to take then
    number : the training that comes next
    """
    taken = sum(steps[:number])
    return f", about {seconds / taken * sum(steps[number:]) / 3600:.1f} h left" if taken else ""


def options() -> Command:
    """Return the command line's options."""
    parser = Command("train.table", __doc__)
    parser.add_argument("--data", type=Path, help="the face data's folder")
    parser.add_argument("--test-data", type=Path, help="measure on another, such as CelebA")
    parser.add_argument("--out", type=Path, default=Path("runs/table"))
    parser.add_argument("--pictures", type=int, default=100_000, help="that each training sees")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--gmac", type=float, help="cost of a crop (the live inpainter's)")
    parser.add_argument("--judge-width", type=int, default=24, help="channels of every judge")
    parser.add_argument(
        "--least-rate", type=float, default=0.0, help="what lower learning rates are raised to"
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", help="train and measure these rows")
    parser.add_argument("--anew", action="store_true", help="forget --only's trainings first")
    parser.add_argument(
        "--variants", action="store_true", help="rows are variants of the live network instead"
    )
    parser.add_argument(
        "--known", type=Path, metavar="TABLE.json", help="take rows from there instead of training"
    )
    parser.add_argument("--train-only", action="store_true", help="leave measuring to a later run")
    parser.add_argument("--list", action="store_true", help="print the rows and their sizes")
    parser.add_argument("--features", default="face", help="for perceptual and style losses")
    parser.add_argument("--features-weights", default="", help="without: those losses left out")
    parser.add_argument("--split", default="test", help="test, or val while choosing")
    parser.add_argument("--count", type=int, default=10_000, help="crops at most of the split")
    parser.add_argument("--no-latency", dest="latency", action="store_false", help="no ms column")
    parser.add_argument("--metric-weights", type=Path, help="of FID, NIQE and BRISQUE")
    parser.add_argument("--threads", type=int, help="CPU threads of PyTorch (its own choice)")
    parser.add_argument(
        "--set", nargs="+", default=[], metavar="KEY=VALUE", help="settings of all rows"
    )
    return parser


def run(given: argparse.Namespace) -> tuple[str, dict[str, str]]:
    """Train, measure and write; return what to say, and why rows failed by their names."""
    if given.threads:  # of measuring too: beside other work, more of them wait for each other
        torch.set_num_threads(given.threads)
    rows = variants() if given.variants else all_rows()
    unknown = set(given.only or ()) - rows.keys()
    if unknown:
        raise UserError(f"--only {sorted(unknown)[0]!r}: the rows are {', '.join(rows)}")
    common = settings.parsed(Common(), given.set)  # what only some have would make them unequal
    if common.side != CROP:
        raise UserError(f"side is {common.side}: the table measures crops of {CROP}²")
    aim = round(given.gmac * 1e9) if given.gmac else live_macs()
    budget = Budget(
        given.pictures,
        given.batch,
        aim,
        judge_width=given.judge_width,
        features=given.features,
        features_weights=given.features_weights,
        sets=tuple(given.set),
        least_rate=given.least_rate,
    )
    known = table_known.read(given.known, budget, of(given)) if given.known else {}
    todo = [rows[name] for name in given.only or (n for n in rows if n not in known)]
    if given.list:
        return "\n".join(f"{r.name}: {r.recipe}, width {width_of(r, aim)}" for r in todo), {}
    # One seed of all rows first: a whole table early. And all sizes before the first training.
    trainings = [(row, seed, budget.words(row, seed)) for seed in given.seeds for row in todo]
    folders = [folder(given.out, row.name, seed) for row, seed, _ in trainings]
    if given.anew and given.only:
        for where in folders:
            forget(where)
    todo_steps = [budget.steps - done(where, budget.steps)[0] for where in folders]
    started, count = time.monotonic(), len(trainings)
    failed: dict[str, str] = {}
    for number, ((row, seed, words), where) in enumerate(zip(trainings, folders, strict=True)):
        about = left(time.monotonic() - started, todo_steps, number)
        print(f"[{number + 1}/{count}] {row.name}, seed {seed}{about}", flush=True)
        try:
            train(row, where, given, words, budget.steps)
        except FloatingPointError as error:  # this row's own: the others can still be had
            failed[row.name] = str(error)
            print(f"{row.name} failed, going on with the next: {error}", flush=True)
    if given.train_only:
        return f"trained into {given.out}; without --train-only it is measured", failed
    return collect(given, rows, budget, failed=failed, known=known), failed


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    parser = options()
    given = parser.parse_args(argv)
    if min(given.pictures, given.batch, given.count) < 1:
        parser.error("--pictures, --batch and --count must be at least 1")
    if given.anew and not given.only:
        parser.error("--anew forgets trainings: say which with --only")
    if given.data is None and not given.list:
        parser.error("--data is missing: the face data's folder")
    with parser.refusing():
        said, failed = run(given)
    print(said)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
