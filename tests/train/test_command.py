from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest
import torch

from train.command import Command
from unmask_live.errors import UserError

REFUSED = {
    "train.ablation": "--data nowhere --steps 0",
    "train.data.label": "--data nowhere",
    "train.data.patches": "--data nowhere",
    "train.demo_clip": "nowhere/demo.mp4",
    "train.difference": "--data nowhere",
    "train.evaluate": "--data nowhere --parts inpainter",
    "train.evaluate_finder": "--data nowhere --engine nowhere.onnx",
    "train.export": "inpainter --checkpoint nowhere/last.pt",
    "train.fit": "inpainter --data nowhere",
    "train.masks.__main__": "out --data nowhere",
    "train.mix": "nowhere.pt nowhere.pt out.pt",
    "train.narrow": "out.pt --source nowhere.onnx",
    "train.pareto": "nowhere.json out.svg",
    "train.quantise": "segmenter --data nowhere --engines nowhere",
    "train.table": "--data nowhere --pictures 0",
    "train.throughput": "inpainter --data nowhere",
    "train.video_labels": "--data nowhere",
    "train.widen": "out.pt --start-from nowhere.pt --widths 16",
}


@pytest.mark.parametrize("module", REFUSED)
def test_what_is_not_there_is_refused_in_one_sentence(
    module: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [module, *REFUSED[module].split()])
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(module).main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith(f"python -m {module.removesuffix('.__main__')}: ")
    assert said.count("\n") == 1
    assert "nowhere" in said or "at least 1" in said
    assert not list(tmp_path.glob("out.*"))


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04 cut off"])
def test_a_broken_checkpoint_is_refused(
    content: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    broken, out = tmp_path / "broken.pt", tmp_path / "out.pt"
    broken.write_bytes(content)
    monkeypatch.setattr(sys, "argv", ["train.mix", str(broken), str(broken), str(out)])
    with pytest.raises(SystemExit):
        importlib.import_module("train.mix").main()
    assert "broken.pt cannot be read" in capsys.readouterr().err
    assert not out.exists()


def test_another_network_cannot_be_widened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.pt"
    torch.save({"ema": {"head.weight": torch.zeros(1)}}, other)
    with pytest.raises(SystemExit):
        importlib.import_module("train.widen").main(
            [str(tmp_path / "out.pt"), "--start-from", str(other), "--widths", "16"]
        )
    assert "other.pt is not a segmenter" in capsys.readouterr().err


def test_only_what_can_be_put_right_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    parser = Command("train.nothing", None)
    with pytest.raises(KeyError), parser.refusing():
        raise KeyError("a fault of ours")
    with pytest.raises(SystemExit), parser.refusing(KeyError):
        raise KeyError("one that is fit to be shown")
    with pytest.raises(SystemExit), parser.refusing():
        raise UserError("two\nlines")
    assert capsys.readouterr().err.splitlines()[-1] == "python -m train.nothing: two lines"
