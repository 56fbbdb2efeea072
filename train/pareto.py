"""Draw quality over cost: ``python -m train.pareto TABLE.json OUT.svg``.

From what `train.table` measured, best with ``--variants``: L1 in the hole over milliseconds a crop.
The line joins the rows that no other beats in both (the Pareto front).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from train.command import Command
from train.table_measure import ALL
from unmask_live.errors import UserError

X, Y = "ms", "hole_l1"
GREEN, GREY = "#22aa77", "#888888"
PLACES = ((6, 3, "left"), (6, -10, "left"), (-6, 3, "right"), (-6, -10, "right"), (6, 12, "left"))
"""Where a name may stand beside its point, points of paper and the side that is turned to it."""
Points = dict[str, tuple[float, float]]
"""By name, milliseconds and L1 in the hole."""


def points(table: Path) -> Points:
    """Return the rows of a table that have both figures.

    Raises
    ------
    UserError
        where the file is no table, or none has both
    """
    try:
        rows = json.loads(table.read_text(encoding="utf-8"))["measured"]
        found = {
            name: (float(groups[ALL][X]), float(groups[ALL][Y]))
            for name, groups in rows.items()
            if X in groups[ALL]
        }
    except FileNotFoundError as error:
        raise UserError(f"{table} is missing: python -m train.table writes it") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{table} is no table.json of train.table") from error
    if not found:
        raise UserError(f"{table} has no milliseconds: run train.table without --no-latency")
    return found


def front(found: Mapping[str, tuple[float, float]]) -> list[str]:
    """Return the names of which none is both quicker and better, the quickest first."""
    kept: list[str] = []
    for name in sorted(found, key=lambda n: found[n]):
        if not kept or found[name][1] < found[kept[-1]][1]:
            kept.append(name)
    return kept


def draw(found: Mapping[str, tuple[float, float]], out: Path) -> None:
    """Write the plot, in the format that the suffix says."""
    figure = Figure(figsize=(7.2, 4.4), layout="constrained")
    axes = figure.subplots()
    best = front(found)
    axes.plot(*zip(*(found[n] for n in best), strict=True), color=GREEN, linewidth=1, zorder=1)
    for name, (x, y) in found.items():
        axes.scatter(x, y, color=GREEN if name in best else GREY, zorder=2)
    axes.set_xlabel("milliseconds a crop")
    axes.set_ylabel("L1 in the hole")
    axes.margins(x=0.25, y=0.12)
    _label(figure, axes, found)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    with rc_context({"svg.hashsalt": "unmask_live"}):  # the same plot, the same file
        figure.savefig(out, metadata={"Date": None} if out.suffix == ".svg" else None)


def _label(figure: Figure, axes: Axes, found: Points) -> None:
    """Write each name beside its point, on the side where it covers no other name."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # only then is it known where on the paper the points lie
    taken: list[Bbox] = []
    for name, place in sorted(found.items(), key=lambda item: item[1]):
        for x, y, side in PLACES:
            text = axes.annotate(
                name, place, xytext=(x, y), textcoords="offset points", fontsize=8, ha=side
            )
            box = text.get_window_extent(canvas.get_renderer())
            if not any(box.overlaps(other) for other in taken):
                break
            if (x, y, side) != PLACES[-1]:
                text.remove()
        taken.append(box)


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    parser = Command("train.pareto", __doc__)
    parser.add_argument("table", type=Path, help="table.json")
    parser.add_argument("out", type=Path, help="what to write: .svg, .png or .pdf")
    given = parser.parse_args(argv)
    with parser.refusing(ValueError):  # matplotlib says what suffixes it knows
        draw(points(given.table), given.out)
    print(given.out)


if __name__ == "__main__":
    main()
