from __future__ import annotations

import sys

import pytest

from unmask_live.commands import machine
from unmask_live.runtime import cores as allowed

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


def test_cores_are_those_that_a_container_s_quota_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    monkeypatch.setattr(allowed, "quota", lambda: 3.5)
    assert machine.cores() == 3


def test_cores_where_the_runtime_cannot_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "unmask_live.runtime.cores", None)
    monkeypatch.setattr(machine.os, "cpu_count", lambda: None)
    assert machine.cores() == 1
