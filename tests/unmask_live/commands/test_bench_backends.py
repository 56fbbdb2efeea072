from __future__ import annotations

import pytest

from unmask_live.commands import bench_backends
from unmask_live.commands.bench_backends import absent, all_backends, thread_counts
from unmask_live.runtime import load_manifest


def test_every_choice_of_every_backend() -> None:
    found = all_backends()
    for backend in ("tensorrt:fp16", "openvino:fp32", "openvino:int8", "onnxruntime:cpu"):
        assert backend in found
    assert len(found) == len(set(found))


def test_a_backend_without_choices_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_backends, "backend_names", lambda: ("yours",))
    assert all_backends() == ["yours"]


def test_int8_is_for_networks_that_have_it() -> None:
    entries = load_manifest()
    assert bench_backends.served(entries, "openvino:fp32") == list(entries)
    with_int8 = [name for name, entry in entries.items() if "int8" in entry.variants]
    assert bench_backends.served(entries, "openvino:int8") == with_int8


def test_threads_only_on_the_cpu_and_no_more_than_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_backends.machine, "cores", lambda: 2)
    assert thread_counts("openvino:fp32", (1, 2, 4)) == [1, 2]
    assert thread_counts("onnxruntime:cpu", (1,)) == [1]
    assert thread_counts("onnxruntime:cuda", (1, 2)) == [None]
    assert thread_counts("openvino:fp32", (4,)) == [1]


def test_one_line_for_a_backend_that_is_not_installed() -> None:
    choices = [f"tensorrt:{choice}" for choice in ("fp16", "mixed", "fp32")]
    reasons = {choice: {"finder": "missing", "segmenter": "missing"} for choice in choices}
    assert absent({**reasons, "openvino:fp32": {}}, ["openvino:fp32"]) == [
        {"what": "tensorrt", "reason": "missing"}
    ]


def test_a_line_for_each_choice_and_each_network_that_failed() -> None:
    reasons = {
        "openvino:fp32": {"inpainter": "odd"},
        "openvino:bf16": {"finder": "no bf16", "segmenter": "no bf16"},
        "onnxruntime:cuda": {"finder": "no cuda"},
        "onnxruntime:qnn": {"finder": "no qnn"},
    }
    assert absent(reasons, ["openvino:fp32"]) == [
        {"what": "openvino:fp32, inpainter", "reason": "odd"},
        {"what": "openvino:bf16", "reason": "no bf16"},
        {"what": "onnxruntime:cuda", "reason": "no cuda"},
        {"what": "onnxruntime:qnn", "reason": "no qnn"},
    ]
    assert absent({}, []) == []
