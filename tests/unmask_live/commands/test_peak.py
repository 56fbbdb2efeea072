from __future__ import annotations

import pytest

from unmask_live.commands import peak
from unmask_live.commands.measure import WARM_UP


@pytest.mark.parametrize("backend", ["openvino:fp32", "onnxruntime:cpu"])
def test_a_product_is_measured(backend: str) -> None:
    found = peak.measure_peak(backend, threads=1, seconds=60.0, runs=2, side=64)
    assert found is not None and found > 0


def test_counts_the_operations_of_the_quickest_run(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(t for i in range(WARM_UP + 3) for t in (10.0 * i, 10.0 * i + 5.0 - i / 10))

    class Clock:
        perf_counter = staticmethod(lambda: next(moments))

    def calls(call, seconds, runs) -> None:
        for _ in range(runs):
            call()

    monkeypatch.setattr(peak, "time", Clock)
    monkeypatch.setattr(peak, "time_calls", calls)
    found = peak.measure_peak("openvino:fp32", threads=1, seconds=60.0, runs=3, side=32)
    assert found == pytest.approx(2 * 32**3 / 4.8 / 1e9)


def test_none_where_there_is_no_product() -> None:
    assert peak.measure_peak("openvino:int4", threads=1, seconds=60.0, runs=1, side=32) is None


def test_int8_is_compared_with_fp32() -> None:
    assert peak.yardstick("openvino:int8") == "openvino:fp32"
    assert peak.yardstick("onnxruntime:cpu") == "onnxruntime:cpu"
