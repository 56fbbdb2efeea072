from __future__ import annotations

import pytest

from unmask_live.commands.backend_asked import check_backend, inner_reason, reason_of
from unmask_live.errors import UserError
from unmask_live.runtime import choose, open_engine


def test_every_backend_and_choice_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "_is_installed", lambda name: True)
    for name in ("auto", *choose.installed_choices()):
        check_backend(name)


def test_a_backend_without_choices_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "_BACKENDS", {"yours": None})
    check_backend("yours:anything")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "there is no backend '': choose auto, tensorrt, openvino or onnxruntime, or one of"),
        ("auto:fp32", "there is no backend 'auto:fp32': choose auto, tensorrt"),
        ("OpenVINO", "there is no backend 'OpenVINO': choose auto, tensorrt"),
        (
            "tensorrt:int8",
            "there is no backend 'tensorrt:int8': choose tensorrt, tensorrt:fp16, tensorrt:mixed "
            "or tensorrt:fp32",
        ),
    ],
)
def test_what_there_is_not_is_told_with_what_there_is(name: str, says: str) -> None:
    with pytest.raises(UserError) as caught:
        check_backend(name)
    assert str(caught.value).startswith(says)


def test_the_backend_s_own_reason() -> None:
    with pytest.raises(UserError) as caught:
        open_engine("finder", backend="onnxruntime:qnn")
    reason = reason_of(caught.value, "onnxruntime:qnn")
    assert reason.startswith("the installed ONNX Runtime has no qnn provider (it has ")
    assert not reason.endswith("))")
    assert inner_reason(str(caught.value)) == f"onnxruntime:qnn: {reason}"
    for text in ("the finder network is damaged", ""):
        assert reason_of(UserError(text), "x") == text
