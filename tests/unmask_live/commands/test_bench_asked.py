from __future__ import annotations

import pytest
from typer.testing import CliRunner

from unmask_live.cli import app


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--markdown", "x.md"], "--markdown goes with --all"),
        (["--faces", "3"], "--faces goes with --all"),
        (["--all", "--live"], "--all measures without the window"),
        (["--all", "--soak", "1"], "--all measures without the window"),
        (["--all", "--markdown", "nowhere/x.md"], "there is no folder"),
        (["--live", "--frames", "9"], "--live measures for a time: give --seconds in place of"),
        (["--soak", "1", "--frames", "9"], "--soak runs for the minutes it is given: leave --fr"),
        (["--soak", "1", "--seconds", "9"], "--soak runs for the minutes it is given: leave --se"),
        (["--soak", "1", "--live"], "--live and --soak are two measurements: leave one of them"),
        (["--live", "--markdown", "x.md"], "--markdown goes with --all"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(words: list[str], reason: str) -> None:
    result = CliRunner().invoke(app, ["bench", *words])
    assert result.exit_code == 1
    assert reason in result.stderr and result.stderr.count("\n") == 1
