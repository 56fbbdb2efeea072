from __future__ import annotations

from pathlib import Path

import pytest
import torch

from train.narrow import main, narrow, strongest
from train.networks.inpainter import LiveInpainter
from train.recipes import inpainter, inpainter_residual


def test_the_strongest_filters_stay_in_order():
    weight = torch.ones(5, 2, 3, 3) * torch.tensor([1.0, 5, 2, 4, 3])[:, None, None, None]
    assert strongest(weight, 3).tolist() == [1, 3, 4]


def test_narrowing_to_the_same_widths_changes_nothing():
    torch.manual_seed(0)
    wide = LiveInpainter((8, 12, 16)).eval()
    image, matte = torch.rand(1, 3, 64, 64), (torch.rand(1, 1, 64, 64) > 0.5).float()
    with torch.no_grad():
        same = narrow(wide, (8, 12, 16)).eval()(image, matte)
        assert torch.allclose(same, wide(image, matte), atol=1e-6)


def test_dead_filters_are_the_ones_that_go():
    """With half of all filters silent, the narrow network computes what the wide one does."""
    torch.manual_seed(0)
    wide = LiveInpainter((8, 8, 16)).eval()
    with torch.no_grad():
        for name in ("down1", "down2", "down3", "up4", "up3", "up2", "up1"):
            layer = getattr(wide, name)
            layer.feature.weight[1::2], layer.feature.bias[1::2] = 0, 0
        convs = [wide.down4.feature, *(b for m in wide.middle for b in m.branches)]
        for conv in convs:
            conv.weight[1::2], conv.bias[1::2] = 0, 0
        image, matte = torch.rand(1, 3, 64, 64), (torch.rand(1, 1, 64, 64) > 0.5).float()
        small = narrow(wide, (4, 4, 8)).eval()
        for module in (*wide.middle, *small.middle):
            module.csam.beta.zero_()  # CSAM looks at neighbouring channels, which have changed
        assert torch.allclose(small(image, matte), wide(image, matte), atol=1e-5)


def test_a_wider_one_is_refused():
    with pytest.raises(ValueError, match="wider"):
        narrow(LiveInpainter((8, 12, 16)), (16, 12, 16))


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """A live network of the gated form, as an older file that does not say who made it."""
    path = tmp_path / "inpainter.onnx"
    net = inpainter.network()
    for value in net.state_dict().values():  # untrained, some are equal: ONNX keeps one of them
        value += 0.01 * torch.rand(value.shape)
    inpainter.export(net, path)
    return path


def test_the_command_writes_what_training_starts_from(tmp_path, monkeypatch, shipped):
    out = tmp_path / "start.pt"
    monkeypatch.setattr("sys.argv", ["narrow", str(out), "--source", str(shipped)])
    main()
    stored = torch.load(out, weights_only=True)["ema"]
    assert stored["down1.feature.weight"].shape == (24, 64, 3, 3)


def test_only_the_gated_form_is_narrowed(tmp_path, monkeypatch, shipped, capsys):
    out, other = tmp_path / "start.pt", tmp_path / "inpainter-residual.onnx"
    net = inpainter_residual.network()
    for value in net.state_dict().values():
        value += (0.01 * torch.rand(value.shape)).to(value.dtype)
    inpainter_residual.export(net, other)
    for source, said in ((other, "only the gated form"), (tmp_path / "x.onnx", "is missing")):
        monkeypatch.setattr("sys.argv", ["narrow", str(out), "--source", str(source)])
        with pytest.raises(SystemExit) as stopped:
            main()
        assert stopped.value.code == 2 and said in capsys.readouterr().err
    assert not out.exists()
