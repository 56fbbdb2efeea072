from __future__ import annotations

import pytest
import torch

from train.narrow import main, narrow, strongest
from train.networks.inpainter import LiveInpainter


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


def test_the_command_writes_what_training_starts_from(tmp_path, monkeypatch):
    out = tmp_path / "start.pt"
    monkeypatch.setattr("sys.argv", ["narrow", str(out)])
    main()
    stored = torch.load(out, weights_only=True)["ema"]
    assert stored["down1.feature.weight"].shape == (24, 64, 3, 3)
