from __future__ import annotations

import json
from pathlib import Path

import pytest

from train import table_known
from train.table_rows import Budget
from unmask_live.errors import UserError

BUDGET = Budget(2000, 4, 825_000_000, sets=("workers=1", "clip=2"))
OF = "test, 924 faces 0badcafe, 10000 crops at most"


def written(path: Path, **changed: object) -> Path:
    content = {
        "budget": table_known.described(BUDGET) | {"seeds": [0], "hours": 2.0},
        "of": OF,
        "machine": table_known.machine(),
        "measured": {"RN": {"all": {"psnr": 25.0, "ms": 9.0}, "from lfw": {"psnr": 24.0}}},
    }
    path.write_text(json.dumps(content | changed))
    return path


def test_rows_of_the_same_budget_are_taken(tmp_path):
    path = written(tmp_path / "table.json")
    others_workers = Budget(2000, 4, 825_000_000, sets=("clip=2", "workers=3"))
    rows = table_known.read(path, others_workers, OF)
    assert rows["RN"]["all"] == {"psnr": 25.0, "ms": 9.0}
    assert rows["RN"]["from lfw"] == {"psnr": 24.0}


def test_milliseconds_of_another_machine_are_not(tmp_path):
    path = written(tmp_path / "table.json", machine="a faster one, 64 cores (AVX2)")
    assert table_known.read(path, BUDGET, OF)["RN"]["all"] == {"psnr": 25.0}
    assert "cores (" in table_known.machine()


@pytest.mark.parametrize(
    ("budget", "of", "said"),
    [
        (Budget(4000, 4, 825_000_000, sets=("clip=2",)), OF, "another budget: pictures"),
        (Budget(2000, 4, 825_000_000), OF, "another budget: sets"),
        (BUDGET, "val, 924 faces 0badcafe, 10000 crops at most", "was measured on 'test"),
    ],
)
def test_another_budget_or_other_pictures_are_refused(budget, of, said, tmp_path):
    with pytest.raises(UserError, match=said):
        table_known.read(written(tmp_path / "table.json"), budget, of)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"measured": 3, "budget": {}}'])
def test_what_is_no_table_is_refused(content, tmp_path):
    path = tmp_path / "table.json"
    path.write_text(content)
    with pytest.raises(UserError, match=r"is no table\.json"):
        table_known.read(path, BUDGET, OF)


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(UserError, match=r"none\.json is missing"):
        table_known.read(tmp_path / "none.json", BUDGET, OF)
