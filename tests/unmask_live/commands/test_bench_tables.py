from __future__ import annotations

from unmask_live.commands.bench_tables import (
    file_table,
    finder_table,
    network_table,
    peak_table,
    table,
)


def test_columns_are_aligned_figures_to_the_right() -> None:
    assert table(["name", "ms"], [["a", "1.5"], ["longer", "10.25"], ["none", "–"]]) == (
        "| name   |    ms |\n"
        "|--------|------:|\n"
        "| a      |   1.5 |\n"
        "| longer | 10.25 |\n"
        "| none   |     – |"
    )


def test_no_rows_are_told() -> None:
    assert table(["name"], []) == "Nothing was measured."


def test_what_there_is_no_yardstick_for_has_no_share() -> None:
    row = {"network": "finder", "runs_on": "X", "median_ms": 2.0, "p95_ms": 3.0}
    row |= {"gmac": 0.1, "gflops": 100.0, "share": None}
    cells = network_table([row]).splitlines()[-1].strip("| ").split("|")
    figures = ["2.00", "3.00", "0.100", "100.0", "–"]
    assert [cell.strip() for cell in cells] == ["finder", "X", *figures]
    row["share"] = 0.755
    assert "76%" in network_table([row])
    peak = {"backend": "x", "threads": None, "side": 512, "gflops": None}
    assert peak_table([peak]).count("–") == 2


def test_file_mode_beside_the_codecs() -> None:
    figures = {
        "frames": 9,
        "rounds": 3,
        "fps": {"unmasked": 20.0, "as_is": 40.0, "codecs": 80.0},
        "share_of_as_is": 0.5,
        "share_of_codecs": 0.25,
    }
    text = file_table(figures)
    assert "50%" in text and "25%" in text and "9 frames, median of 3" in text


def test_finders_a_row_each() -> None:
    row = {"finder": "ours", "backend": "X", "median_ms": 1.25, "p95_ms": 2.5, "faces": 1}
    lines = finder_table([row, {**row, "finder": "mediapipe"}]).splitlines()
    cells = [cell.strip() for cell in lines[2].strip("| ").split("|")]
    assert cells == ["ours", "X", "1.25", "2.50", "1"] and "mediapipe" in lines[3]
