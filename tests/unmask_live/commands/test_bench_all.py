from __future__ import annotations

import json
import sys
from pathlib import Path

import fake_mediapipe
import pytest
from clips import write_clip
from fakes import Negative
from typer.testing import CliRunner

from unmask_live.cli import app
from unmask_live.commands import bench, bench_all, bench_chain, measure
from unmask_live.commands.bench_chain import bench_chain as whole_chain
from unmask_live.inpainters import choices
from unmask_live.runtime import load_manifest
from unmask_live.vision import mediapipe_find


def test_everything_is_measured_and_put_into_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chain(*arguments: object, **options: object) -> dict:
        small = {"720p": bench_chain.SIZES["720p"]}
        return whole_chain(*arguments, **options, sizes=small)

    def start(*arguments: object, rounds: int) -> list[dict]:
        assert arguments == ("auto", "ours", "inpainter")  # measured in test_bench_start
        return [{"way": "headless", "rounds": rounds, "median_s": 1.5, "most_s": 2.0}]

    clip = write_clip(tmp_path / "demo.mp4")
    monkeypatch.setattr(measure, "WARM_UP", 1)
    monkeypatch.setattr(bench, "demo_clip", lambda: clip)
    monkeypatch.setattr(bench_all, "bench_chain", chain)
    monkeypatch.setattr(bench_all, "bench_start", start)
    page = tmp_path / "bench.md"
    page.write_text("# Measured\n\n## Another machine\n\nits figures\n", encoding="utf-8")
    words = ["bench", "--all", "--frames", "1", "--json", "--markdown", str(page)]
    words += ["--faces", "1", "--faces", "3"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert {row["network"] for row in report["networks"]} >= {"finder", "segmenter", "inpainter"}
    assert {peak["backend"] for peak in report["peaks"]} >= {"openvino:fp32"}
    assert any(item["what"].startswith("onnxruntime:") for item in report["absent"])
    assert report["command"].startswith("unmask-live bench --all --frames 1 ")
    assert report["command"].endswith("--inpainter inpainter --faces 1 --faces 3")
    fills = [choice.name for choice in choices(load_manifest())]
    assert [row["inpainter"] for row in report["inpainters"]] == fills
    assert [row["faces"] for row in report["chain"]] == [1, 3]
    assert report["file"]["frames"] == 20 and report["file"]["rounds"] == 1
    assert "finders" not in report, "ours is compared with none"
    text = page.read_text(encoding="utf-8")
    for part in (
        "## Another machine\n\nits figures\n",
        "### Networks alone",
        "### The whole chain",
        "### Inpainters, one face in 720p",
        "M-CSAM small",
        "### Start to first picture",
        "decoder to encoder alone",
        "openvino:fp32",
        f"{report['machine']['cores']} core",
    ):
        assert part in text
    assert f"written to {page}" in result.stderr
    assert "### Finders" not in text


@pytest.fixture
def finders_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Nothing but the finders is measured; the name of a MediaPipe finder that there is."""
    for name, module in fake_mediapipe.modules(tmp_path).items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(mediapipe_find.metadata, "version", lambda name: "1.2.2")
    model = tmp_path / "blaze.tflite"
    model.write_bytes(fake_mediapipe.MODEL)
    clip = write_clip(tmp_path / "demo.mp4")
    fps = dict.fromkeys(("unmasked", "as_is", "codecs"), 1.0)
    file = {"frames": 1, "rounds": 1, "fps": fps, "share_of_as_is": 1.0, "share_of_codecs": 1.0}
    networks = {"networks": [], "peaks": [], "absent": []}
    monkeypatch.setattr(measure, "WARM_UP", 1)
    monkeypatch.setattr(bench, "demo_clip", lambda: clip)
    monkeypatch.setattr(bench_all, "bench_networks", lambda *_, **__: networks)
    monkeypatch.setattr(
        bench_all, "bench_chain", lambda *_, **__: {"backends": {"x": "y"}, "chain": []}
    )
    monkeypatch.setattr(bench_all, "bench_inpainters", lambda *_, **__: [])
    monkeypatch.setattr(bench_all, "bench_start", lambda *_, **__: [])
    monkeypatch.setattr(bench_all, "bench_file", lambda *_, **__: file)
    monkeypatch.setattr(bench_all, "Unmasker", Negative)
    return f"mediapipe:{model}"


def test_another_finder_is_compared_with_ours(finders_alone: str) -> None:
    words = ["bench", "--all", "--frames", "2", "--finder", finders_alone]
    result = CliRunner().invoke(app, [*words, "--json"])
    assert result.exit_code == 0, result.stderr
    rows = json.loads(result.stdout)["finders"]
    assert [row["finder"] for row in rows] == ["ours", finders_alone]
    for row, backend in zip(rows, ("OpenVINO", "MediaPipe 1.2.2 CPU (blaze.tflite)"), strict=True):
        assert row["runs"] == 2 and row["p95_ms"] >= row["median_ms"] > 0
        assert row["backend"].startswith(backend)
    text = CliRunner().invoke(app, words).stdout
    part = text.partition("### Finders, a 720p picture to its faces\n")[2].partition("###")[0]
    assert finders_alone in part and "| ours " in part and "median ms" in part


def test_a_finder_that_there_is_not_is_told_before_minutes_are_spent(
    finders_alone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_all, "bench_networks", None)
    result = CliRunner().invoke(app, ["bench", "--all", "--frames", "1", "--finder", "nose"])
    assert result.exit_code == 1
    last = result.stderr.splitlines()[-1]
    assert last == "error: there is no finder 'nose': choose ours or mediapipe"
