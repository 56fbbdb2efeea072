from __future__ import annotations

import pytest

from unmask_live.commands import bench_start as bench_start_module
from unmask_live.commands.bench_start import PICTURE, bench_start, seconds_to_picture, ways
from unmask_live.commands.bench_tables import start_table
from unmask_live.errors import UserError


def test_a_start_is_timed_to_its_first_picture() -> None:
    late = (
        f"import sys, time; time.sleep(0.3); print('{PICTURE}x', file=sys.stderr); time.sleep(0.3)"
    )
    assert 0.3 < seconds_to_picture(["-c", late]) < 8


@pytest.mark.parametrize(
    ("way", "inpainter"), [("headless", "inpainter-small"), ("window", "inpainter")]
)
def test_the_program_comes_to_a_picture(way: str, inpainter: str) -> None:
    assert 0 < seconds_to_picture(ways("auto", "ours", inpainter)[way]) < 60


def test_one_that_says_nothing_of_a_picture_has_none() -> None:
    with pytest.raises(UserError, match="no picture came: it said nothing"):
        seconds_to_picture(["-c", ""])


def test_one_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_start_module, "MOST", 0.5)
    with pytest.raises(UserError, match=r"no picture came within 0\.5 seconds"):
        seconds_to_picture(["-c", "import time; time.sleep(60)"])


def test_starts_are_counted_without_those_that_fill_the_caches_and_settle_what_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bench_start_module, "STARTS", 3)
    taken = iter([9.0, 9.0, 9.0, 1.0, 3.0, 2.0, 9.0, 1.0, 3.0, 2.0])
    monkeypatch.setattr(bench_start_module, "seconds_to_picture", lambda words: next(taken))
    rows = bench_start("auto", "ours", "inpainter", rounds=3)
    assert [(row["way"], row["median_s"], row["most_s"]) for row in rows] == [
        ("headless", 2.0, 3.0),
        ("window", 2.0, 3.0),
    ]


def test_a_start_that_fails_is_told_with_its_reason() -> None:
    rows = bench_start("nothing", "ours", "inpainter", rounds=1)
    assert len(rows) == 2 and all("no backend 'nothing'" in row["reason"] for row in rows)
    assert start_table(rows).count("no backend 'nothing'") == 2
