from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from unmask_live.runtime.plans import PlanKey, Plans

KEY = PlanKey(
    "segmenter", "ab" * 32, "NVIDIA L4", "8.9", "11.4.1", "fp16", (("image", (1, 3, 256, 256)),)
)
OTHERS = [
    {"network": "inpainter"},
    {"sha256": "cd" * 32},
    {"gpu": "NVIDIA L40"},
    {"capability": "9.0"},
    {"tensorrt": "10.16.0"},
    {"precision": "fp32"},
    {"inputs": (("image", (1, 3, 128, 128)),)},
    {"inputs": (("picture", (1, 3, 256, 256)),)},
    {"most": 4},
    {"rules": "other"},
]


@pytest.fixture
def plans(tmp_path: Path) -> Plans:
    return Plans(tmp_path)


def test_a_plan_comes_back(plans: Plans) -> None:
    assert plans.load(KEY) is None
    plans.store(KEY, b"the plan")
    assert plans.load(KEY) == b"the plan"
    assert plans.refused(KEY) == ""


@pytest.mark.parametrize("change", OTHERS, ids=lambda c: next(iter(c)))
def test_a_plan_is_good_for_exactly_what_it_was_built_for(plans: Plans, change: dict) -> None:
    plans.store(KEY, b"the plan")
    assert plans.load(replace(KEY, **change)) is None


@pytest.mark.parametrize("data", [b"", b"the pla", b"the plan and more"])
def test_a_damaged_plan_counts_as_none(plans: Plans, tmp_path: Path, data: bytes) -> None:
    plans.store(KEY, b"the plan")
    next(tmp_path.glob("*.plan")).write_bytes(data)
    assert plans.load(KEY) is None


def test_a_plan_without_its_record_counts_as_none(plans: Plans, tmp_path: Path) -> None:
    plans.store(KEY, b"the plan")
    next(tmp_path.glob("*.json")).unlink()
    assert plans.load(KEY) is None


def test_what_a_new_plan_replaces_is_deleted_and_nothing_else(plans: Plans) -> None:
    old = replace(KEY, sha256="ee" * 32)
    elsewhere = replace(KEY, gpu="NVIDIA T4", sha256="ee" * 32)
    safer = replace(KEY, precision="fp32", sha256="ee" * 32)
    longer = replace(KEY, network="segmenter-fp16", sha256="ee" * 32)
    for key in (old, elsewhere, safer, longer):
        plans.store(key, b"old")
    plans.store(KEY, b"new")
    assert plans.load(old) is None
    assert [plans.load(key) for key in (elsewhere, safer, longer)] == [b"old"] * 3
    assert plans.load(KEY) == b"new"


def test_a_refused_plan_is_gone_and_its_reason_stays(plans: Plans) -> None:
    plans.store(KEY, b"the plan")
    plans.refuse(KEY, "output 'matte' is not finite")
    assert plans.load(KEY) is None
    assert plans.refused(KEY) == "output 'matte' is not finite"
    assert plans.refused(replace(KEY, tensorrt="11.5.0")) == ""


def test_that_a_plan_was_checked_is_kept_with_it(plans: Plans) -> None:
    plans.check(KEY)  # of a plan that is not kept there is nothing to note
    assert not plans.checked(KEY)
    plans.store(KEY, b"the plan")
    assert not plans.checked(KEY)
    plans.check(KEY)
    assert plans.checked(KEY) and plans.load(KEY) == b"the plan"
    plans.store(KEY, b"another plan")
    assert not plans.checked(KEY)


def test_timings_are_shared_by_networks_on_one_gpu_only(plans: Plans) -> None:
    plans.store_timings(KEY, b"timings")
    assert plans.timings(replace(KEY, network="finder", precision="fp32")) == b"timings"
    assert plans.timings(replace(KEY, gpu="NVIDIA T4")) == b""
    assert plans.timings(replace(KEY, tensorrt="10.16.0")) == b""


def test_without_a_folder_nothing_is_kept_and_nothing_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UNMASK_LIVE_CACHE", "")
    plans = Plans()
    plans.store(KEY, b"the plan")
    plans.store_timings(KEY, b"timings")
    plans.refuse(KEY, "no")
    assert (plans.load(KEY), plans.timings(KEY), plans.refused(KEY)) == (None, b"", "")


def test_a_full_disk_costs_the_keeping_only(
    plans: Plans, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("unmask_live.runtime.cache.write_whole", full)
    plans.store(KEY, b"the plan")
    plans.store_timings(KEY, b"timings")
    assert list(tmp_path.iterdir()) == []
