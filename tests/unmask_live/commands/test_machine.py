from __future__ import annotations

import pytest

from unmask_live.commands import machine

ZEN = "processor\t: 0\nmodel name\t: AMD EPYC\nflags\t\t: fpu avx2 avx512f avx512_vnni\n"


def test_reads_what_the_kernel_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_cpuinfo", lambda: ZEN)
    monkeypatch.setattr(machine.platform, "machine", lambda: "x86_64")
    assert machine.cpu_name() == "AMD EPYC"
    assert machine.cpu_features() == {
        "AVX2": True,
        "AVX-512": True,
        "VNNI": True,
        "BF16": False,
        "AMX": False,
    }


def test_a_system_that_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_cpuinfo", lambda: "")
    assert machine.cpu_features() is None
    assert machine.cpu_name()
    assert machine.cores() >= 1
