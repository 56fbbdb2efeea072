from __future__ import annotations

import os
from pathlib import Path

import pytest

from unmask_live.runtime import cores as ours

V1 = "4:cpu,cpuacct:/docker/abc\n1:cpuset:/\n"


def groups(folder: Path, own: str, files: dict[str, str]) -> tuple[Path, Path]:
    for name, text in files.items():
        path = folder / "cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "own").write_text(own)
    return folder / "cgroup", folder / "own"


@pytest.mark.parametrize(
    ("own", "files", "cores"),
    [
        ("0::/\n", {"cpu.max": "150000 100000\n"}, 1.5),
        ("0::/\n", {"cpu.max": "max 100000\n"}, None),
        ("0::/user/app\n", {"user/app/cpu.max": "max 100000", "user/cpu.max": "200000 100000"}, 2),
        ("0::/gone\n", {"cpu.max": "50000 100000"}, 0.5),
        ("0::/\n", {"cpu.max": "rubbish\n"}, None),
        ("0::/\n", {}, None),
        (V1, {"cpu/cpu.cfs_quota_us": "300000", "cpu/cpu.cfs_period_us": "100000"}, 3),
        (V1, {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, None),
        (
            V1,
            {
                "cpu,cpuacct/docker/abc/cpu.cfs_quota_us": "50000",
                "cpu,cpuacct/docker/abc/cpu.cfs_period_us": "50000",
            },
            1,
        ),
        ("4:cpu:/\n0::/\n", {"unified/cpu.max": "max 100000"}, None),
        ("", {}, None),
    ],
)
def test_the_quota_of_the_control_groups(
    tmp_path: Path, own: str, files: dict[str, str], cores: float | None
) -> None:
    assert ours.quota(*groups(tmp_path, own, files)) == cores


def test_without_control_groups(tmp_path: Path) -> None:
    assert ours.quota(tmp_path, tmp_path / "none") is None


@pytest.mark.parametrize(
    ("free", "quota", "cores"), [(8, None, 8), (8, 2.5, 2), (2, 16.0, 2), (4, 0.3, 1)]
)
def test_a_quota_counts_beside_the_affinity(
    monkeypatch: pytest.MonkeyPatch, free: int, quota: float | None, cores: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(free)), raising=False)
    monkeypatch.setattr(ours, "quota", lambda: quota)
    assert ours.cores() == cores
