from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from train import pareto

FOUND = {"quick": (3.0, 0.08), "good": (6.0, 0.06), "neither": (7.0, 0.07), "as quick": (3.0, 0.09)}


def table(path: Path, rows: dict[str, dict[str, float]]) -> Path:
    path.write_text(json.dumps({"measured": {name: {"all": row} for name, row in rows.items()}}))
    return path


def test_the_front_is_what_no_other_beats_in_both():
    assert pareto.front(FOUND) == ["quick", "good"]
    assert pareto.front({"only": (1.0, 1.0)}) == ["only"]


def test_a_plot_of_the_rows_that_have_milliseconds(tmp_path, capsys):
    rows = {name: {"ms": x, "hole_l1": y} for name, (x, y) in FOUND.items()}
    source = table(tmp_path / "table.json", rows | {"Telea": {"hole_l1": 0.12}})
    assert pareto.points(source) == FOUND
    out = tmp_path / "plot.svg"
    pareto.main([str(source), str(out)])
    assert capsys.readouterr().out == f"{out}\n"
    drawn = out.read_text()
    assert all(f"<!-- {name} -->" in drawn for name in FOUND) and "Telea" not in drawn
    pareto.main([str(source), str(out)])
    assert out.read_text() == drawn


def test_names_of_near_points_do_not_cover_each_other():
    near = {f"a rather long name {n}": (5 + n / 100, 0.07 + n / 1e5) for n in range(4)}
    figure = Figure(figsize=(7, 4))
    axes = figure.subplots()
    for x, y in near.values():
        axes.scatter(x, y)
    pareto._label(figure, axes, near)
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [text.get_window_extent(renderer) for text in axes.texts]
    assert [text.get_text() for text in axes.texts] == list(near)
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))


def test_what_is_no_table_is_told(tmp_path, capsys):
    (tmp_path / "list.json").write_text("[]")
    bare = table(tmp_path / "bare.json", {"Telea": {"hole_l1": 0.12}})
    good = table(tmp_path / "good.json", {"a": {"ms": 1, "hole_l1": 0.1}})
    for source, out, said in (
        (tmp_path / "none.json", "p.svg", "train.table writes it"),
        (tmp_path / "list.json", "p.svg", "is no table.json"),
        (bare, "p.svg", "without --no-latency"),
        (good, "p.doc", "not supported"),
    ):
        with pytest.raises(SystemExit):
            pareto.main([str(source), str(tmp_path / out)])
        assert said in capsys.readouterr().err
        assert not (tmp_path / out).exists()
