from __future__ import annotations

import json
from pathlib import Path

import pytest
from clips import write_clip
from typer.testing import CliRunner

from unmask_live.cli import app
from unmask_live.commands import bench, bench_all, bench_chain, measure
from unmask_live.commands.bench_chain import bench_chain as whole_chain
from unmask_live.inpainters import choices
from unmask_live.runtime import load_manifest


def test_everything_is_measured_and_put_into_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chain(*arguments: object, **options: object) -> dict:
        small = {"720p": bench_chain.SIZES["720p"]}
        return whole_chain(*arguments, **options, sizes=small)

    clip = write_clip(tmp_path / "demo.mp4")
    monkeypatch.setattr(measure, "WARM_UP", 1)
    monkeypatch.setattr(bench, "demo_clip", lambda: clip)
    monkeypatch.setattr(bench_all, "bench_chain", chain)
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
    text = page.read_text(encoding="utf-8")
    for part in (
        "## Another machine\n\nits figures\n",
        "### Networks alone",
        "### The whole chain",
        "### Inpainters, one face in 720p",
        "M-CSAM small",
        "decoder to encoder alone",
        "openvino:fp32",
        f"{report['machine']['cores']} core",
    ):
        assert part in text
    assert f"written to {page}" in result.stderr


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--markdown", "x.md"], "--markdown goes with --all"),
        (["--faces", "3"], "--faces goes with --all"),
        (["--all", "--live"], "--all measures without the window"),
        (["--all", "--soak", "1"], "--all measures without the window"),
        (["--all", "--markdown", "nowhere/x.md"], "there is no folder"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(words: list[str], reason: str) -> None:
    result = CliRunner().invoke(app, ["bench", *words])
    assert result.exit_code == 1
    assert reason in result.stderr and result.stderr.count("\n") == 1
