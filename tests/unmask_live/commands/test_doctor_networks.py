from __future__ import annotations

from collections.abc import Callable

import pytest

from unmask_live.commands import doctor_networks
from unmask_live.commands.check import Check
from unmask_live.commands.doctor_networks import ANEW, ELSEWHERE, examine_networks
from unmask_live.errors import UserError

NETWORKS = ("finder", "segmenter", "inpainter")
Look = Callable[..., list[Check]]


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Look:
    """Examine where ``why(name, backend)`` says why a backend runs a network not, or nothing."""

    def examined(
        why: Callable[[str, str], str],
        backends: tuple[str, ...] = ("openvino", "other"),
        only: str | None = None,
    ) -> list[Check]:
        def run_once(name: str, backend: str) -> str:
            if reason := why(name, backend):
                raise UserError(reason)
            return "fine"

        monkeypatch.setattr(doctor_networks, "_run_once", run_once)
        monkeypatch.setattr(doctor_networks, "_backends", lambda: backends)
        return list(examine_networks(only))

    monkeypatch.setattr(doctor_networks, "_entries", lambda: NETWORKS)
    monkeypatch.setattr(doctor_networks, "examine_choices", lambda: iter(()))
    return examined


def around(name: str, reason: str) -> str:
    """What `open_engine` makes of a reason."""
    return f"nothing can run the {name} network here ({reason})"


def test_a_second_backend_that_works_is_enough(look: Look) -> None:
    found = look(lambda name, backend: "no driver" if backend == "other" else "")
    assert found[-1] == Check("networks", "other", False, "no driver", essential=False)
    assert [c.name for c in found[:-1]] == [f"{name} on openvino" for name in NETWORKS]
    assert all(c.ok for c in found[:-1])


def test_a_backend_that_serves_one_network_only_is_told_network_by_network(look: Look) -> None:
    found = look(
        lambda name, backend: "no kernel" if (name, backend) == ("finder", "other") else ""
    )
    checks = {c.name: c for c in found}
    assert checks["segmenter on other"].ok
    assert checks["finder on other"] == Check(
        "networks", "finder on other", False, "no kernel", essential=False
    )


def test_what_nothing_runs_for_one_reason_is_one_finding_with_the_bare_reason(look: Look) -> None:
    missing = "tensorrt: not installed (No module named 'tensorrt'): pip install 'x[gpu]'"
    found = look(lambda name, _: around(name, missing), only="tensorrt")
    assert found == [Check("networks", "tensorrt", False, missing.removeprefix("tensorrt: "))]


@pytest.mark.parametrize(
    ("only", "reason", "fix"),
    [
        (None, "cannot compile", ANEW),
        ("auto", "cannot compile", ANEW),
        ("tensorrt", "there is no NVIDIA GPU", ELSEWHERE),
        ("auto", "the network is damaged: reinstall unmask-live", ""),
        ("tensorrt", "its plan is not built yet: run `unmask-live engines build`", ""),
    ],
)
def test_advice_where_the_reason_has_none(
    look: Look, only: str | None, reason: str, fix: str
) -> None:
    (found,) = look(lambda *_: reason, ("openvino",), only)
    assert (found.detail, found.fix, found.essential) == (reason, fix, True)


def test_different_reasons_are_told_each_with_its_network(look: Look) -> None:
    found = look(lambda name, _: around(name, f"openvino: cannot load {name}.onnx"), ("openvino",))
    assert [(c.name, c.detail, c.fix) for c in found] == [
        (f"{name} on openvino", f"cannot load {name}.onnx", ANEW) for name in NETWORKS
    ]
