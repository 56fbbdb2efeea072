from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from train.export import export
from train.recipes import segmenter


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    path = tmp_path / "last.pt"
    torch.save({"ema": segmenter.network().state_dict()}, path)
    return path


def test_variants_stay_with_their_network_and_go_with_it(checkpoint: Path, tmp_path: Path) -> None:
    engines = tmp_path / "engines"
    export("segmenter", checkpoint, engines)
    manifest = engines / "manifest.json"
    raw = json.loads(manifest.read_text())
    variant = {"file": "segmenter-int8.onnx", "sha256": "00", "quality": {}}
    raw["engines"]["segmenter"]["variants"] = {"int8": variant}
    manifest.write_text(json.dumps(raw))
    (engines / "segmenter-int8.onnx").write_bytes(b"8 bits")

    export("segmenter", checkpoint, engines)
    entry = json.loads(manifest.read_text())["engines"]["segmenter"]
    assert entry["variants"] == {"int8": variant}
    assert entry["version"] == "1"
    assert (engines / "segmenter-int8.onnx").exists()

    torch.manual_seed(1)
    torch.save({"ema": segmenter.network().state_dict()}, checkpoint)
    export("segmenter", checkpoint, engines)
    entry = json.loads(manifest.read_text())["engines"]["segmenter"]
    assert "variants" not in entry
    assert entry["version"] == "2"
    assert not (engines / "segmenter-int8.onnx").exists()
