from __future__ import annotations

import pytest

from unmask_live.commands import bench_backends
from unmask_live.commands.bench_networks import bench_networks
from unmask_live.runtime import load_manifest

BACKENDS = ["openvino:fp32", "openvino:int8", "onnxruntime:cpu", "onnxruntime:qnn"]


def test_every_network_on_every_backend_that_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_backends, "all_backends", lambda: BACKENDS)
    told: list[str] = []
    report = bench_networks(60.0, 2, threads=(1,), side=64, tell=told.append)
    entries = load_manifest()
    int8 = [name for name, entry in entries.items() if "int8" in entry.variants]
    rows = [(row["backend"], row["network"], row["threads"]) for row in report["networks"]]
    assert rows == [
        *(("openvino:fp32", name, 1) for name in entries),
        *(("openvino:int8", name, 1) for name in int8),
        *(("onnxruntime:cpu", name, 1) for name in entries),
    ]
    assert len(told) == len(rows)
    peaks = {peak["backend"]: peak["gflops"] for peak in report["peaks"]}
    assert list(peaks) == ["openvino:fp32", "onnxruntime:cpu"]
    for row in report["networks"]:
        assert row["runs"] == 2
        kind = {"openvino:fp32": "FP32", "openvino:int8": "INT8"}.get(row["backend"], "CPU")
        assert kind in row["runs_on"] and "1 thread)" in row["runs_on"]
        assert row["gflops"] == pytest.approx(2e3 * row["gmac"] / row["median_ms"])
        peak = peaks["onnxruntime:cpu" if "onnx" in row["backend"] else "openvino:fp32"]
        assert row["share"] == pytest.approx(row["gflops"] / peak)
    (missing,) = report["absent"]
    assert missing["what"] == "onnxruntime:qnn" and "no qnn provider" in missing["reason"]
