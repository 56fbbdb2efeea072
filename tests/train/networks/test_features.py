from __future__ import annotations

from pathlib import Path

import pytest
import torch

from train.networks.features import FaceFeatures, Vgg16, open_features
from unmask_live.errors import UserError


def test_vgg16_reads_torchvisions_file_and_gives_its_layers(tmp_path: Path):
    torch.manual_seed(0)
    wanted = Vgg16()
    assert [k for k in wanted.state_dict() if k.endswith("weight")] == [
        f"features.{k}.weight" for k in (0, 2, 5, 7, 10, 12, 14, 17, 19, 21)
    ]
    stored = wanted.state_dict() | {"classifier.0.weight": torch.zeros(2)}
    torch.save(stored, tmp_path / "vgg16.pth")
    net = open_features("vgg16", tmp_path / "vgg16.pth")
    image = torch.rand(1, 3, 32, 32)
    maps = net(image)
    assert [tuple(m.shape[1:]) for m in maps] == [
        (64, 32, 32), (128, 16, 16), (256, 8, 8), (512, 4, 4),
    ]  # fmt: skip
    assert all(torch.equal(a, b) for a, b in zip(maps, wanted(image), strict=True))
    assert min(float(m.min()) for m in maps) >= 0, "after the ReLU"
    assert not any(p.requires_grad for p in net.parameters())


def test_our_own_comes_back_in_the_size_it_was_trained_in(tmp_path: Path):
    net = FaceFeatures(4, points=5)
    marks, broken = net.tasks(torch.rand(2, 3, 64, 64))
    assert marks.shape == (2, 5, 2) and broken.shape == (2, 1, 8, 8)
    torch.save({"ema": net.state_dict()}, tmp_path / "last.pt")
    again = open_features("face", tmp_path / "last.pt")
    image = torch.rand(1, 3, 32, 32)
    for ours, theirs, channels in zip(again(image), net.eval()(image), net.channels, strict=True):
        assert torch.equal(ours, theirs) and ours.shape[1] == channels


def test_weights_are_never_taken_silently(tmp_path: Path):
    with pytest.raises(UserError, match=r"vgg16-397923af\.pth"):
        open_features("vgg16", None)
    with pytest.raises(UserError, match=r"absent\.pt is missing.*train\.fit features"):
        open_features("face", tmp_path / "absent.pt")
    with pytest.raises(UserError, match="one of vgg16, face"):
        open_features("resnet", None)
    torch.save({"ema": {}}, tmp_path / "other.pt")
    for name in ("vgg16", "face"):
        with pytest.raises(UserError, match="holds no weights"):
            open_features(name, tmp_path / "other.pt")
