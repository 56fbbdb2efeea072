from __future__ import annotations

from functools import partial
from pathlib import Path

import engine_folders
import pytest

from unmask_live import Unmasker
from unmask_live.commands import measure
from unmask_live.commands.bench_inpainters import bench_inpainters
from unmask_live.commands.bench_tables import inpainter_table
from unmask_live.commands.measure import read_frames
from unmask_live.video.demo_clip import demo_clip


def test_every_inpainter_of_the_manifest_in_the_chain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = engine_folders.add_field(engine_folders.copied(tmp_path))
    monkeypatch.setattr("unmask_live.runtime.manifest.engines_dir", lambda: folder)
    monkeypatch.setattr(measure, "WARM_UP", 1)
    told: list[str] = []
    pictures = read_frames(demo_clip(), 72)[70:]
    make = partial(Unmasker, backend="openvino:fp32")
    rows = bench_inpainters(pictures, 60.0, 1, make=make, tell=told.append)
    assert [row["inpainter"] for row in rows] == [
        "inpainter", "inpainter-small", "ganmasker", "raunet", "raunet:difference",
    ]  # fmt: skip
    assert len(told) == len(rows)
    for row in rows:
        assert row["frames"] == 1
        # Untrained, it changes everything, which is no mask.
        assert row["masked"] == float(row["inpainter"] != "raunet:difference"), row["inpainter"]
        assert row["fps"] > 0 and row["fps_side_by_side"] > 0
        assert row["stages"]["inpaint"]["mean_ms"] > 0 and "FP32" in row["runs_on"]
    lines = inpainter_table(rows).splitlines()
    assert len(lines) == 2 + len(rows)
    assert "| RA-UNet (blind), own matte |" in lines[-1] and "raunet:difference" in lines[-1]
