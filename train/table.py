"""The whole field in one table: ``python -m train.table --data DIR --out DIR --pictures N``.

Every method is trained by its own recipe, with its own losses, on the same faces and holes in the
same order, for as many pictures, at the same cost of a crop; then all are measured on the test
split. What is trained or measured already is kept: a run that was killed goes on where it was, and
``--only NAME`` does one row again. ``--list`` prints the rows and their sizes and ends.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from pathlib import Path

import cv2
import numpy as np

from train import config as settings
from train import fit, grid, published
from train.config import Common
from train.data.faces import FaceCrops
from train.macs import macs_of, parameters
from train.table_measure import Groups, figures, frame, milliseconds
from train.table_page import grid as sheet
from train.table_page import over_seeds, page
from train.table_rows import Budget, Row, all_rows, check, done, folder, forget, live_macs, width_of
from train.torch_engine import TorchEngine, load_run
from train.ways import by_engine, by_opencv
from unmask_live.commands.machine import cpu_name
from unmask_live.errors import UserError

CLASSICAL = {"Telea": cv2.INPAINT_TELEA, "Navier-Stokes": cv2.INPAINT_NS}


def train(row: Row, run: Path, given: argparse.Namespace, words: list[str], steps: int) -> None:
    """Begin a row's training, or go on with it; nothing where it is done."""
    check(run, row, words)
    if done(run, steps)[0] >= steps:
        return
    begun = ["--resume"] if (run / "last.pt").exists() else []
    threads = ["--threads", str(given.threads)] if given.threads else []
    command = [row.recipe, "--data", str(given.data), "--out", str(run), *threads, *begun]
    fit.main([*command, "--set", *words])


def measured(row: Row, run: Path, given: argparse.Namespace, faces: FaceCrops) -> Groups:
    """Return a trained row's figures, from its folder where they are there."""
    on = [
        given.split,
        given.count,
        given.latency,
        given.test_data or "",
        given.metric_weights or "",
    ]
    file, what = run / "measured.json", ", ".join(map(str, on))
    if file.exists() and not (given.only and row.name in given.only):
        stored = json.loads(file.read_text(encoding="utf-8"))
        if stored["of"] == what:
            found: Groups = stored["figures"]
            return found
    name, net = load_run(run)
    with TorchEngine(name, net) as engine:
        fill = by_engine(engine)
        groups, pictures = figures(fill, faces, given.count, weights=given.metric_weights)
    cost = {"parameters": float(parameters(net)), "gmac": macs_of(net, blind=row.blind) / 1e9}
    if given.latency:
        cost["ms"] = milliseconds(name, net)
    groups["all"] |= cost
    grid.write(run / "pictures.png", np.concatenate(pictures, 1))
    _write(file, {"of": what, "figures": groups})
    return groups


def options() -> argparse.ArgumentParser:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(
        prog="python -m train.table",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
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


def run(given: argparse.Namespace) -> str:
    """Train, measure and write; return the page."""
    rows = all_rows()
    unknown = set(given.only or ()) - rows.keys()
    if unknown:
        raise UserError(f"--only {sorted(unknown)[0]!r}: the rows are {', '.join(rows)}")
    settings.parsed(Common(), given.set)  # what is not common to all would make them unequal
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
    todo = [rows[name] for name in given.only or rows]
    if given.list:
        return "\n".join(f"{r.name}: {r.recipe}, width {width_of(r, aim)}" for r in todo)
    # One seed of all rows first: a whole table early. And all sizes before the first training.
    trainings = [(row, seed, budget.words(row, seed)) for seed in given.seeds for row in todo]
    started, count = time.monotonic(), len(trainings)
    for number, (row, seed, words) in enumerate(trainings):
        where = folder(given.out, row.name, seed)
        if given.anew and given.only:
            forget(where)
        left = (time.monotonic() - started) / number * (count - number) / 3600 if number else 0.0
        about = f", about {left:.1f} h left" if number else ""
        print(f"[{number + 1}/{count}] {row.name}, seed {seed}{about}", flush=True)
        train(row, where, given, words, budget.steps)
    return collect(given, rows, budget)


def collect(given: argparse.Namespace, rows: dict[str, Row], budget: Budget) -> str:
    """Measure what is trained, write table and grid; return the page."""
    data = given.test_data or given.data
    cache = settings.parsed(Common(), given.set).cache
    faces = FaceCrops(data, given.split, *([Path(cache)] if cache else []))
    masked, true = frame(faces, given.count)
    methods, pictures, hours, notes = {}, {"masked": masked}, 0.0, []
    for name, row in rows.items():
        runs = [folder(given.out, name, seed) for seed in given.seeds]
        ready = [r for r in runs if done(r, budget.steps)[0] >= budget.steps]
        if not ready:
            notes.append(f"{name} is not trained yet.")
            continue
        for where, seed in zip(runs, given.seeds, strict=True):
            check(where, row, budget.words(row, seed))
        print(f"measuring {name}", flush=True)
        methods[name] = over_seeds([measured(row, r, given, faces) for r in ready])
        methods[name]["all"]["seeds"] = float(len(ready))
        hours += sum(done(r, budget.steps)[1] for r in ready) / 3600
        pictures[name] = [_read(ready[0] / "pictures.png")]
        if left_out := budget.without(row):
            notes.append(f"{name} was trained without {', '.join(left_out)}: no feature network.")
    for name, method in CLASSICAL.items():
        groups, shown = figures(by_opencv(method), faces, given.count, weights=given.metric_weights)
        methods[name], pictures[name] = groups, shown
    text = page(methods, describe(given, budget, hours, notes))
    grid.write(given.out / "table.png", sheet(pictures | {"true": true}))
    content = {"budget": dataclasses.asdict(budget) | {"seeds": given.seeds, "hours": hours}}
    _write(given.out / "table.json", content | {"measured": methods, "published": published.WHOLE})
    (given.out / "table.md").write_text(text, encoding="utf-8")
    return text


def describe(given: argparse.Namespace, budget: Budget, hours: float, notes: list[str]) -> str:
    """Return what every row got, for the page."""
    seen = budget.steps * budget.batch
    losses = f"maps of {given.features!r}" if given.features_weights else "no feature network"
    raised = f"learning rates of at least {budget.least_rate:g}"
    rates = f", {raised}" if budget.least_rate else ""
    return (
        f"Each row: {seen} pictures of 256², {budget.steps} steps of {budget.batch}, seeds "
        f"{', '.join(map(str, given.seeds))}, networks of {budget.macs / 1e9:.3g} GMAC within a "
        f"tenth, judges of width {budget.judge_width}, {losses}{rates}; {hours:.2g} hours of "
        f"training in all. Measured on the {given.split} split on {cpu_name()}. {' '.join(notes)}\n"
    )


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
    try:
        print(run(given))
    except (UserError, FileNotFoundError) as error:
        parser.error(str(error))


def _read(path: Path) -> np.ndarray:
    return np.asarray(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB))


def _write(path: Path, content: object) -> None:
    """Write JSON whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(content, indent=1), encoding="utf-8")
    partial.replace(path)


if __name__ == "__main__":
    main()
