"""The recipe that docs/field.md shows is whole: it is trained and measured beside the others."""

from __future__ import annotations

import json
import re
import sys
import types
from pathlib import Path

import portrait_faces

from train import fit, table, table_rows, torch_engine

PAGE = Path(__file__).parents[2] / "docs" / "field.md"


def test_the_documented_method_becomes_a_row(tmp_path, monkeypatch):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    module = types.ModuleType("train.recipes.three")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(code, "docs/field.md", "exec"), module.__dict__)
    for where in (fit, table_rows, torch_engine):
        monkeypatch.setattr(where, "RECIPES", (*fit.RECIPES, "three"))

    data = portrait_faces.write(tmp_path / "data", 1)
    small = ["--pictures", "2", "--batch", "1", "--gmac", "1", "--count", "1"]
    sets = ["--set", "workers=0", "validation=1", f"cache={tmp_path / 'cache'}"]
    where_to = ["--data", str(data), "--out", str(tmp_path)]
    table.main([*where_to, *small, "--only", *module.ROWS, *sets])
    row = json.loads((tmp_path / "table.json").read_text())["measured"]["three convolutions"]["all"]
    assert abs(row["gmac"] - 1) < 0.1 and row["ms"] > 0 and row["crops"] == 1
