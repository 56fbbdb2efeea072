from __future__ import annotations

import warnings

import pytest

from unmask_live.commands.console import reported
from unmask_live.runtime.engine import warn


def test_what_is_warned_of_is_a_line_and_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    @reported
    def command() -> None:
        warnings.simplefilter("always")
        for _ in range(3):
            warn("openvino runs the networks,\nalthough more is installed")
        warnings.warn("old", DeprecationWarning, stacklevel=1)

    with warnings.catch_warnings(record=True) as others:
        command()
    told = capsys.readouterr().err
    assert told == "note: openvino runs the networks, although more is installed\n"
    assert [str(one.message) for one in others] == ["old"]
