from __future__ import annotations

import json

import pytest
import torch
from torch import nn

from train import bench_peers
from train.networks.unet import UNet
from unmask_live.runtime import load_manifest


class Tiny(nn.Module):
    """Takes both inputs, returns two outputs, as inpainters with a coarse stage do."""

    def __init__(self) -> None:
        super().__init__()
        self.only = nn.Conv2d(4, 2, 3, padding=1, bias=False)

    def forward(self, image: torch.Tensor, matte: torch.Tensor) -> tuple:
        made = self.only(torch.cat([image, matte], 1))
        return made, made * matte


class Finds(nn.Module):
    """Takes the picture alone."""

    def __init__(self) -> None:
        super().__init__()
        self.only = nn.Conv2d(3, 1, 1, bias=False)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.only(image)


PEERS = [("tiny", Tiny), ("finds", Finds)]


def test_peers_stand_beside_our_engines_with_cost_and_share() -> None:
    rows = bench_peers.measure(PEERS, 60.0, 2, threads=(1,), side=32, crop=16)
    names = [f"our {name}" for name in load_manifest()]
    assert [row["network"] for row in rows] == [*names, "tiny", "finds"]
    assert [row["ours"] for row in rows] == [*(True for _ in names), False, False]
    tiny, finds = rows[-2:]
    assert tiny["parameters"] == 4 * 2 * 9 and finds["parameters"] == 3
    assert tiny["gmac"] * 1e9 == pytest.approx(16 * 16 * 4 * 2 * 9)
    assert finds["gmac"] * 1e9 == pytest.approx(16 * 16 * 3)
    for row in rows:
        assert row["runs"] == 2 and row["threads"] == 1
        assert "FP32" in row["runs_on"] and row["share"] > 0


@pytest.mark.parametrize("peer", bench_peers.PEERS, ids=[name for name, _ in bench_peers.PEERS])
def test_a_published_network_takes_what_it_is_given(peer: bench_peers.Peer) -> None:
    with torch.device("meta"):  # shapes only: some have hundreds of megabytes of weights
        net = peer[1]().eval()
        made = net(*bench_peers.inputs_of(net))
    made = made if isinstance(made, tuple) else (made,)
    assert made[-1].shape[0] == 1 and made[-1].shape[2:] == (256, 256)


def test_a_real_one_is_exported_and_counted(tmp_path) -> None:
    path = tmp_path / "unet.onnx"
    bench_peers.export(UNet(8), path, crop=64)
    assert 0.01 < bench_peers.gmac(path) < 0.1
    assert bench_peers.parameters(path) == pytest.approx(2.1e5, rel=0.1)


def test_a_table_and_json(tmp_path, capsys, monkeypatch) -> None:
    rows = bench_peers.measure(PEERS[:1], 60.0, 1, threads=(1,), side=32, crop=16)
    monkeypatch.setattr(bench_peers, "measure", lambda *_, **__: rows)
    page = tmp_path / "bench.md"
    bench_peers.main(["--markdown", str(page)])
    printed = capsys.readouterr().out
    assert "random weights" in printed and "| tiny " in printed
    assert "## Published architectures: " in page.read_text(encoding="utf-8")
    bench_peers.main(["--json"])
    report = json.loads(capsys.readouterr().out)
    assert report["networks"][-1]["network"] == "tiny" and "speed only" in report["note"]


def test_a_page_that_cannot_be_written_is_refused(capsys) -> None:
    with pytest.raises(SystemExit):
        bench_peers.main(["--markdown", "nowhere/bench.md"])
    assert "there is no folder" in capsys.readouterr().err
