"""What a network costs: multiply-accumulates of its convolutions and matrix products.

PyTorch's own counter hooks every operation below the modules, so that convolutions written as
functions (CSAM, contextual attention) count too. Sums, activations and resizing do not: they are a
few per cent. On the "meta" device nothing is computed, so a network of any size is counted at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

WITHIN = 0.1
"""How far from the aim a cost may be that counts as equal."""

Build = Callable[[float], nn.Module]


def macs(net: nn.Module, *inputs: Tensor) -> int:
    """Return the multiply-accumulates of one forward pass of ``inputs``."""
    counter = FlopCounterMode(display=False)
    was = net.training
    net.eval()
    with torch.no_grad(), counter:
        net(*inputs)
    net.train(was)
    return int(counter.get_total_flops()) // 2  # a multiplication and an addition


def crop_macs(build: Callable[[], nn.Module], *, blind: bool, side: int = 256) -> int:
    """Return those of one crop, nothing of the network being computed.

    Parameters
    ----------
    build : makes the network
    blind : whether it takes the picture alone, without a matte
    """
    with torch.device("meta"):
        return macs(build(), *_crop(side, blind))


def macs_of(net: nn.Module, *, blind: bool, side: int = 256) -> int:
    """Return those of a crop for a network that is there; it is computed once."""
    device = next(net.parameters()).device
    return macs(net, *(x.to(device) for x in _crop(side, blind)))


def _crop(side: int, blind: bool) -> tuple[Tensor, ...]:
    image, matte = torch.zeros(1, 3, side, side), torch.zeros(1, 1, side, side)
    return (image,) if blind else (image, matte)


def parameters(net: nn.Module) -> int:
    """Return how many numbers a network has learnt."""
    return sum(p.numel() for p in net.parameters())


def matched(cost: Callable[[float], int], aim: int, *, step: float = 0.125) -> float:
    """Return the width whose cost is nearest to the aim, a multiple of ``step``.

    Parameters
    ----------
    cost : of a width; it grows with it

    Raises
    ------
    ValueError
        where no width comes within a tenth of the aim
    """
    known: dict[int, int] = {}

    def at(count: int) -> int:
        if count not in known:
            known[count] = cost(count * step)
        return known[count]

    near = max(1, round(8 / step))
    for _ in range(4):  # cost is about a square, so this comes close, and a walk does the rest
        near = max(1, round(near * math.sqrt(aim / at(near))))
    while at(near) < aim:
        near += 1
    while near > 1 and at(near - 1) >= aim:
        near -= 1
    width = step * min((near, max(1, near - 1)), key=lambda count: abs(at(count) - aim))
    if abs(cost(width) / aim - 1) > WITHIN:
        raise ValueError(f"the nearest width, {width}, costs {cost(width)}, wanted {aim}")
    return width
