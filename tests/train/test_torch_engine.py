from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from train import checkpoint, config
from train.ema import Ema
from train.recipes import mcsam, segmenter
from train.torch_engine import TorchEngine, open_run
from unmask_live.errors import UserError


def left_behind(out: Path, *, slim: bool) -> torch.nn.Module:
    """What a training leaves in its folder."""
    settings = mcsam.Config(width=4, attention="conv")
    net = mcsam.network(settings)
    (out / "config.toml").write_text(config.text(settings))
    if slim:
        checkpoint.save_slim(out / "slim.pt", net, "mcsam")
    else:
        recipe = type("R", (), {"name": "mcsam", "nets": {"net": net}, "optimizers": {}})()
        checkpoint.save(out / "last.pt", recipe, Ema(net), {"step": 1})
    return net.eval()


@pytest.mark.parametrize("slim", [False, True])
def test_a_training_is_opened_in_its_own_size(tmp_path, slim):
    net = left_behind(tmp_path, slim=slim)
    image, matte = np.random.default_rng(0).random((2, 1, 3, 256, 256), np.float32)
    matte = np.round(matte[:, :1])
    with open_run(tmp_path) as engine:
        made = engine(image=image, matte=matte)["image_out"]
        assert engine.name == "mcsam" and "PyTorch" in engine.backend
        with pytest.raises(ValueError, match="image"):
            engine(image=image[:, :, :8], matte=matte)
    with torch.no_grad():
        wanted = net(torch.from_numpy(image), torch.from_numpy(matte)).numpy()
    assert np.abs(made - wanted).max() < (5e-3 if slim else 1e-6)
    with pytest.raises(RuntimeError, match="closed"):
        engine(image=image, matte=matte)


def test_a_segmenters_network_gives_a_matte():
    with TorchEngine("segmenter", segmenter.network()) as engine:
        matte = engine(image=np.zeros((1, 3, 256, 256), np.float32))["matte"]
    assert matte.shape == (1, 1, 256, 256) and matte.dtype == np.float32


def test_what_is_no_training_of_crops_is_refused(tmp_path):
    with pytest.raises(UserError, match="is no training"):
        open_run(tmp_path)
    (tmp_path / "config.toml").touch()
    torch.save({"ema": {}}, tmp_path / "last.pt")
    with pytest.raises(UserError, match="an unknown recipe"):
        open_run(tmp_path)
