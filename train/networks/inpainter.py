"""The live inpainter: the M-CSAM generator slimmed to two CPU cores.

As in "Face Mask Removal with Region-attentive Face Inpainting", section 3.2: RGB and matte in,
four gated layers down, three M-CSAMs, four gated layers up, four skips. What is changed for speed,
and why:

- a 4× space-to-depth stem: inside the matte there is nothing to see at full resolution;
- the decoder convolves before it up-samples, and the last two steps up are sub-pixel shuffles;
- gates are pointwise convolutions (see `train.networks.gated`).

What else could be is a parameter, so that `train.table --variants` can weigh it by what it costs.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn

from train.networks.gated import GatedConv
from train.networks.mcsam import MCSAM
from train.networks.prefill import finish, guess_for, start

WIDTHS = (32, 80, 160)
"""Of the one that ships."""


class LiveInpainter(nn.Module):
    """About 0.8 GMAC at 256².

    Parameters
    ----------
    widths : channels at 64², 32² and 16² (of a stem of 4); the last a multiple of 4
    gate : as in `GatedConv`
    shortcuts : whether every gated layer has one, as in `GatedConv`
    stem : 4, or 2 for twice the sides everywhere
    modules : M-CSAMs in the middle
    prefill : whether it starts from a smooth guess, see `train.networks.prefill`

    Raises
    ------
    ValueError
        on another ``stem``
    """

    def __init__(
        self,
        widths: tuple[int, ...] = WIDTHS,
        *,
        gate: str = "pointwise",
        shortcuts: bool = False,
        stem: int = 4,
        modules: int = 3,
        prefill: bool = False,
    ) -> None:
        super().__init__()
        if stem not in (2, 4):
            raise ValueError(f"stem is {stem}, wanted 2 or 4")
        w1, w2, w3 = widths
        conv = partial(GatedConv, gate=gate, shortcut=shortcuts)
        self.stem = nn.PixelUnshuffle(stem)
        self.down1 = conv(4 * stem * stem, w1)  # 64²
        self.down2 = conv(w1, w2, stride=2)  # 32²
        self.down3 = conv(w2, w3, stride=2)  # 16²
        self.down4 = conv(w3, w3)
        self.middle = nn.Sequential(*(MCSAM(w3) for _ in range(modules)))
        self.up4 = conv(2 * w3, w3)
        self.up3 = conv(2 * w3, w2)
        self.up2 = conv(2 * w2, w1)
        self.up1 = conv(2 * w1, w1)
        if stem == 4:
            self.to_half = nn.Sequential(nn.Conv2d(w1, 64, 3, padding=1), nn.PixelShuffle(2))
        last = 16 if stem == 4 else w1
        to_full = nn.Conv2d(last, 12, 3, padding=1)
        self.to_full = nn.Sequential(to_full, nn.PixelShuffle(2))
        self.guess = guess_for(to_full, prefill=prefill)

    def forward(self, image: Tensor, matte: Tensor) -> Tensor:
        """Fill the matte.

        Parameters
        ----------
        image : N×3×256×256 RGB in 0..1, zero where the matte is
        matte : N×1×256×256 in 0..1

        Returns
        -------
        N×3×256×256 RGB in 0..1; only what lies inside the matte is meant to be used
        """
        x, logits = start(self.guess, image, matte)
        d1 = self.down1(self.stem(x))
        d2 = self.down2(d1)
        d3 = self.down3(d2)
        d4 = self.down4(d3)
        y = self.up4(torch.cat([self.middle(d4), d4], 1))
        y = _twice(self.up3(torch.cat([y, d3], 1)))
        y = _twice(self.up2(torch.cat([y, d2], 1)))
        y = self.up1(torch.cat([y, d1], 1))
        if hasattr(self, "to_half"):
            y = nn.functional.elu(self.to_half(y))
        return finish(self.to_full(y), logits)


def _twice(x: Tensor) -> Tensor:
    return nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")


def composite(image: Tensor, filled: Tensor, matte: Tensor) -> Tensor:
    """``I_syn = (1 - I_m) I_inp + I_m I_r`` (eq. 1, with the matte 1 where the mask is)."""
    return image * (1 - matte) + filled * matte
