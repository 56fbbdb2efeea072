"""Start a narrower inpainter from a trained one: ``python -m train.narrow OUT.pt``.

Keeps the filters with the largest weights (Li et al., "Pruning Filters for Efficient ConvNets",
2017, section 3.1) and drops the rest; a short training mends it sooner than it would learn anew.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from train.checkpoint import write
from train.command import Command
from train.networks.gated import GatedConv
from train.networks.inpainter import LiveInpainter
from train.networks.mcsam import MCSAM
from train.recipes.inpainter_small import WIDTHS
from train.torch_engine import load_onnx

Kept = Tensor
"""Indices of the channels that stay, rising."""


def strongest(weight: Tensor, count: int) -> Kept:
    """Return the ``count`` filters of an (O, I, k, k) weight with the largest L1 norm."""
    return weight.detach().abs().sum((1, 2, 3)).topk(count).indices.sort().values


def narrow(wide: LiveInpainter, widths: tuple[int, int, int]) -> LiveInpainter:
    """Return a network of ``widths`` with the strongest filters of ``wide``.

    Raises
    ------
    ValueError
        where one of ``widths`` is larger than what ``wide`` has
    """
    small = LiveInpainter(widths)
    w1, w2, w3 = widths
    have = tuple(layer.feature.out_channels for layer in (wide.down1, wide.down2, wide.down3))
    if any(a > b for a, b in zip(widths, have, strict=True)):
        raise ValueError(f"can't narrow {have} to {widths}: one of them is wider")
    all_in = torch.arange(wide.down1.feature.in_channels)
    d1 = strongest(wide.down1.feature.weight, w1)
    d2 = strongest(wide.down2.feature.weight, w2)
    d3 = strongest(wide.down3.feature.weight, w3)
    # An M-CSAM adds its input to its branches side by side: the same channels in all of them.
    blocks = wide.down4.feature.weight.chunk(4)
    size = len(blocks[0])
    middle = torch.cat([strongest(b, w3 // 4) + k * size for k, b in enumerate(blocks)])
    u4 = strongest(wide.up4.feature.weight, w3)
    u3 = strongest(wide.up3.feature.weight, w2)
    u2 = strongest(wide.up2.feature.weight, w1)
    u1 = strongest(wide.up1.feature.weight, w1)
    layers = (
        ("down1", all_in, d1),
        ("down2", d1, d2),
        ("down3", d2, d3),
        ("down4", d3, middle),
        ("up4", _beside(middle, middle, have[2]), u4),
        ("up3", _beside(u4, d3, have[2]), u3),
        ("up2", _beside(u3, d2, have[1]), u2),
        ("up1", _beside(u2, d1, have[0]), u1),
    )
    for name, inputs, outputs in layers:
        _copy_gated(getattr(wide, name), getattr(small, name), inputs, outputs)
    for big_one, small_one in zip(wide.middle, small.middle, strict=True):
        assert isinstance(big_one, MCSAM) and isinstance(small_one, MCSAM)
        for k, (big, little) in enumerate(zip(big_one.branches, small_one.branches, strict=True)):
            part = middle[(middle // size) == k] - k * size
            _copy(big, little, middle, part)
        small_one.csam.load_state_dict(big_one.csam.state_dict())
    _copy(wide.to_half[0], small.to_half[0], u1, torch.arange(64))
    small.to_full.load_state_dict(wide.to_full.state_dict())
    return small


def _beside(first: Kept, second: Kept, width: int) -> Kept:
    """Indices into the concatenation of two tensors, the first of ``width`` channels."""
    return torch.cat([first, second + width])


def _copy_gated(wide: GatedConv, small: GatedConv, inputs: Kept, outputs: Kept) -> None:
    pairs = zip(
        (m for m in wide.modules() if isinstance(m, nn.Conv2d)),
        (m for m in small.modules() if isinstance(m, nn.Conv2d)),
        strict=True,
    )
    for big, little in pairs:
        _copy(big, little, inputs, outputs)


@torch.no_grad()
def _copy(wide: nn.Module, small: nn.Module, inputs: Kept, outputs: Kept) -> None:
    assert isinstance(wide, nn.Conv2d) and isinstance(small, nn.Conv2d)
    assert wide.bias is not None and small.bias is not None
    small.weight.copy_(wide.weight[outputs][:, inputs])
    small.bias.copy_(wide.bias[outputs])


def main() -> None:
    """Command line."""
    parser = Command("train.narrow", __doc__)
    parser.add_argument("out", type=Path, help="the checkpoint to write, for --start-from")
    parser.add_argument("--source", type=Path, default=Path("engines/inpainter.onnx"))
    arguments = parser.parse_args()
    with parser.refusing():
        recipe, wide = load_onnx(arguments.source)
        if not isinstance(wide, LiveInpainter):
            parser.error(f"{arguments.source} is of {recipe}: only the gated form can be narrowed")
        write(arguments.out, {"ema": narrow(wide, WIDTHS).state_dict()})


if __name__ == "__main__":
    main()
