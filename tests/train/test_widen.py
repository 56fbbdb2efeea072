from __future__ import annotations

import pytest
import torch

from train.checkpoint import averaged, save_slim
from train.export import MANIFEST
from train.networks.segmenter import LiveSegmenter
from train.widen import main, widen, widths_of
from unmask_live.errors import UserError

NARROW, WIDE = (4, 6, 8), (8, 6, 12)


def trained(widths):
    """A network whose norms are not those of a new one, as after training."""
    torch.manual_seed(0)
    net = LiveSegmenter(widths)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            torch.nn.init.uniform_(module.weight, 0.5, 2)
            torch.nn.init.normal_(module.bias)
    return net.eval()


@pytest.mark.parametrize("widths", [NARROW, WIDE, (5, 7, 9)])
def test_the_wider_network_computes_the_same(widths):
    narrow = trained(NARROW)
    image = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        assert torch.allclose(widen(narrow, widths).eval()(image), narrow(image), atol=1e-5)


def test_the_new_filters_learn():
    """They are not dead: what was there soon looks at them."""
    wide = widen(trained(NARROW), WIDE).train()
    wide(torch.rand(2, 3, 64, 64)).mean().backward()
    assert wide.head[0].weight.grad[:, NARROW[0] :].abs().max() > 0
    assert wide.up[0][0].weight.grad[: NARROW[0], WIDE[0] + NARROW[0] :].abs().max() > 0


@pytest.mark.parametrize("widths", [(3, 6, 8), (4, 6, 8, 8), (4, 6)])
def test_other_shapes_are_refused(widths):
    with pytest.raises(UserError, match="none of them less"):
        widen(trained(NARROW), widths)


def test_the_command_writes_what_training_starts_from(tmp_path):
    old, out = tmp_path / "old.pt", tmp_path / "start.pt"
    save_slim(old, trained(NARROW), "segmenter")
    widths = [str(w) for w in WIDE]
    main([str(out), "--start-from", str(old), "--widths", *widths])
    assert averaged(out)["first.0.weight"].shape == (8, 12, 3, 3)


def test_the_shipped_network_can_be_widened():
    assert widths_of(MANIFEST.parent / "segmenter.onnx") == LiveSegmenter().widths
