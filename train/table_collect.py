"""What `train.table` makes of trainings: figures, kept beside each, and the page of them all."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np

from train import appearance, grid, published, table_known, table_portrait
from train import config as settings
from train.config import Common
from train.data.faces import FaceCrops
from train.data.sources import open_source
from train.macs import macs_of, parameters
from train.table_measure import ALL, Groups, figures, frame, milliseconds
from train.table_page import grid as sheet
from train.table_page import over_seeds, page
from train.table_rows import Budget, Row, check, done, folder
from train.torch_engine import TorchEngine, load_run
from train.ways import Fill, Image, by_engine, by_opencv

CLASSICAL = {"Telea": cv2.INPAINT_TELEA, "Navier-Stokes": cv2.INPAINT_NS}
TENTH = 0.1
"""By what share of the aim a row's cost may differ; a network without a width may do so by more."""
FIGURES = "measured.json"
GRIDS = ("pictures.png", "portrait.png")
"""Of each row, and of them all: photographs of the data, and a portrait that may be shown."""
Measured = tuple[Groups, list[list[Image]]]
"""Figures, and the pictures of each of `GRIDS`."""


def collect(
    given: argparse.Namespace,
    rows: dict[str, Row],
    budget: Budget,
    *,
    failed: Mapping[str, str],
    known: Mapping[str, Groups],
) -> str:
    """Measure what is trained, write table and grid; return the page.

    Parameters
    ----------
    failed : why a row could not be trained, by its name
    known : figures of rows that are not trained here
    """
    data = given.test_data or given.data
    common = settings.parsed(Common(), given.set)
    where = [Path(common.cache)] if common.cache else []
    faces = FaceCrops(data, given.split, *where, cut=common.cut)
    masked, true = frame(faces, given.count)
    masked_portrait, true_portrait = table_portrait.shown()
    grids: list[dict[str, list[Image]]] = [{"masked": masked}, {"masked": masked_portrait}]
    methods, hours, notes = {}, 0.0, []
    for name, row in rows.items():
        runs = [folder(given.out, name, seed) for seed in given.seeds]
        ready = [r for r in runs if done(r, budget.steps)[0] >= budget.steps]
        if name in failed:
            notes.append(f"{name} could not be trained: {failed[name]}.")
        elif not ready and name not in known:
            notes.append(f"{name} is not trained yet.")
        if not ready and name in known:
            methods[name] = known[name]
            notes.append(f"{name} is known from {given.known.name}.")
        if not ready:
            continue
        for where, seed in zip(runs, given.seeds, strict=True):
            check(where, row, budget.words(row, seed))
        methods[name] = over_seeds([_trained(row, r, given, faces) for r in ready])
        methods[name]["all"]["seeds"] = float(len(ready))
        if abs(methods[name][ALL]["gmac"] * 1e9 / budget.macs - 1) > TENTH and not given.variants:
            notes.append(f"{name} keeps its own size.")
        hours += sum(done(r, budget.steps)[1] for r in ready) / 3600
        _show(grids, name, ready[0])
        if left_out := budget.without(row):
            notes.append(f"{name} was trained without {', '.join(left_out)}: no feature network.")
    for name, method in CLASSICAL.items():
        where = given.out / name.lower()
        fill = by_opencv(method)

        def measure(fill: Fill = fill) -> Measured:
            return _measured(fill, given, faces)

        methods[name] = _kept(name, where, given, measure)
        _show(grids, name, where)
    notes += [f"{why}." for name in appearance.FILES if (why := _why(name, given))]
    text = page(methods, describe(given, budget, hours, notes))
    for file, rows_of, last in zip(GRIDS, grids, (true, true_portrait), strict=True):
        grid.write(given.out / file, sheet(rows_of | {"true": last}))
    content = {
        "budget": table_known.described(budget) | {"seeds": given.seeds, "hours": hours},
        "of": of(given),
        "machine": table_known.machine(),
        "measured": methods,
        "published": published.WHOLE,
    }
    _write(given.out / "table.json", content)
    (given.out / "table.md").write_text(text, encoding="utf-8")
    return text


def describe(given: argparse.Namespace, budget: Budget, hours: float, notes: list[str]) -> str:
    """Return what every row got, for the page."""
    seen = budget.steps * budget.batch
    cost = f"networks of {budget.macs / 1e9:.3g} GMAC within a tenth"
    equal = "no judge" if given.variants else f"{cost}, judges of width {budget.judge_width}"
    losses = f"maps of {given.features!r}" if given.features_weights else "no feature network"
    raised = f"learning rates of at least {budget.least_rate:g}"
    rates = f", {raised}" if budget.least_rate else ""
    cut = settings.parsed(Common(), given.set).cut
    other = f", faces cut by {cut!r}" if cut != Common.cut else ""
    return (
        f"Each row: {seen} pictures of 256²{other}, {budget.steps} steps of {budget.batch}, seeds "
        f"{', '.join(map(str, given.seeds))}, {equal}, {losses}{rates}; {hours:.2g} hours of "
        f"training in all. Measured on the {given.split} split on {table_known.machine()}. "
        f"{' '.join(notes)}\n"
    )


def _trained(row: Row, run: Path, given: argparse.Namespace, faces: FaceCrops) -> Groups:
    """Return a trained row's figures; milliseconds are kept apart, they want a quiet machine."""

    def measure() -> Measured:
        name, net = load_run(run)
        with TorchEngine(name, net) as engine:
            groups, grids = _measured(by_engine(engine), given, faces)
        cost = {"parameters": float(parameters(net)), "gmac": macs_of(net, blind=row.blind) / 1e9}
        groups["all"] |= cost
        return groups, grids

    groups = _kept(row.name, run, given, measure)
    if given.latency:
        file = run / "milliseconds.json"
        if file.exists() and not _again(row.name, given):
            took: float = json.loads(file.read_text(encoding="utf-8"))
        else:
            took = milliseconds(*load_run(run))
            _write(file, took)
        groups["all"]["ms"] = took
    return groups


def _measured(fill: Fill, given: argparse.Namespace, faces: FaceCrops) -> Measured:
    groups, pictures = figures(fill, faces, given.count, weights=given.metric_weights)
    return groups, [pictures, table_portrait.filled(fill)]


def _kept(
    name: str, where: Path, given: argparse.Namespace, measure: Callable[[], Measured]
) -> Groups:
    """Return a row's figures, from its folder where they are there and of the same pictures."""
    file, what = where / FIGURES, of(given)
    if file.exists() and not _again(name, given):
        stored = json.loads(file.read_text(encoding="utf-8"))
        if stored["of"] == what:
            found: Groups = stored["figures"]
            return found
    print(f"measuring {name}", flush=True)
    groups, grids = measure()
    where.mkdir(parents=True, exist_ok=True)
    for part, pictures in zip(GRIDS, grids, strict=True):
        grid.write(where / part, np.concatenate(pictures, 1))
    _write(file, {"of": what, "figures": groups})
    return groups


def of(given: argparse.Namespace) -> str:
    """Return which pictures figures are of, and by whose weights: others are not comparable."""
    faces = open_source(given.test_data or given.data, given.split).digest
    judges = [n for n in appearance.FILES if not appearance.missing(n, given.metric_weights)]
    return ", ".join([given.split, faces, f"{given.count} crops at most", *judges])


def _why(name: str, given: argparse.Namespace) -> str | None:
    """Return why a figure is missing, without the address of its weights, which is for who runs."""
    why = appearance.missing(name, given.metric_weights)
    return why and why.partition(":")[0]


def _again(name: str, given: argparse.Namespace) -> bool:
    return bool(given.only) and name in given.only


def _show(grids: list[dict[str, list[Image]]], name: str, where: Path) -> None:
    """Add a row's pictures to the grids."""
    for rows, file in zip(grids, GRIDS, strict=True):
        rows[name] = [_read(where / file)]


def _read(path: Path) -> np.ndarray:
    return np.asarray(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB))


def _write(path: Path, content: object) -> None:
    """Write JSON whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(content, indent=1), encoding="utf-8")
    partial.replace(path)
