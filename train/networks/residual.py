"""A live inpainter of residual blocks: M-CSAM's attention in GANMasker's residual U-Net.

What the field's table showed to learn most from few pictures, put together: the residual blocks and
the skips at every resolution of FU-Net (`train.networks.ganmasker`; its CBAM is left out to save
time), and in the middle the three M-CSAMs that fill the hole from all around
(`train.networks.mcsam`) in place of FU-Net's chain of dilated convolutions. Batch normalisation is
part of the convolutions once it is exported. From the partial convolutions it may take a smooth
first guess under the matte (`train.networks.prefill`), to which it then adds.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from train.networks.channels import channels
from train.networks.ganmasker import SLOPE
from train.networks.mcsam import MCSAM
from train.networks.prefill import finish, guess_for, start

WIDTH = 14.25
"""At which a crop costs what the live inpainter's costs."""
ATTENTION = 5
"""The level of the M-CSAMs, 16² of 256²: dilated by 8 they reach across it."""
STEMS = (1, 2, 4)


class ResidualInpainter(nn.Module):
    """A U of residual blocks, from 256² down to 16² or further.

    Parameters
    ----------
    width : w; the levels have w, 2w, 4w and then 8w channels
    levels : of the U, 5 or more; with seven every pixel sees the whole crop without them
    stem : sides of the squares of pixels that are folded into channels first, 1, 2 or 4; the levels
        that are finer are left out, at a fraction of the time a channel costs there
    modules : M-CSAMs at 16²: in the middle of five levels, on the skip of more
    prefill : whether it starts from a smooth guess

    Raises
    ------
    ValueError
        on another ``stem`` or too few ``levels``
    """

    def __init__(
        self,
        width: float = WIDTH,
        *,
        levels: int = 5,
        stem: int = 1,
        modules: int = 3,
        prefill: bool = False,
    ) -> None:
        super().__init__()
        if levels < ATTENTION:
            raise ValueError(f"levels is {levels}, wanted at least {ATTENTION}")
        if stem not in STEMS:
            raise ValueError(f"stem is {stem}, wanted {', '.join(map(str, STEMS))}")
        *w, attended = channels(width, 1, 2, 4, 8, 8)
        attended = -(-attended // 4) * 4  # an M-CSAM shares its channels out to four branches
        left_out = STEMS.index(stem)
        sizes = [*w, attended, *[attended] * (levels - ATTENTION)][left_out:]
        self.attended = ATTENTION - 1 - left_out
        self.stem = nn.PixelUnshuffle(stem) if stem > 1 else nn.Identity()
        self.down = nn.ModuleList(
            Block(i, o, shortcut=True)
            for i, o in zip([4 * stem * stem, *sizes], sizes, strict=False)
        )
        self.middle = nn.Sequential(*(MCSAM(attended) for _ in range(modules)))
        # A block up sees what comes from below and its skip, as wide; it ends as wide as the next.
        self.up = nn.ModuleList(
            Block(2 * i, o) for i, o in zip(sizes[::-1], sizes[-2::-1], strict=False)
        )
        last = 2 * sizes[0]
        self.squeeze: nn.Module = nn.Identity()
        self.unfold: nn.Module = nn.Identity()
        if stem > 1:  # at once, a CPU takes half as long again: 12 channels leave its vectors empty
            self.squeeze = nn.Sequential(nn.Conv2d(last, sizes[0], 1), nn.LeakyReLU(SLOPE))
            self.unfold = nn.PixelShuffle(stem)
            last = sizes[0]
        self.head = nn.Conv2d(last, 3 * stem * stem, 3, padding=1)
        self.guess = guess_for(self.head, prefill=prefill)

    def forward(self, image: Tensor, matte: Tensor) -> Tensor:
        """Fill the matte.

        Parameters
        ----------
        image : N×3×H×W RGB in 0..1, zero where the matte is; H and W multiples of the deepest step
        matte : N×1×H×W in 0..1

        Returns
        -------
        N×3×H×W RGB in 0..1; only what lies inside the matte is meant to be used
        """
        x, logits = start(self.guess, image, matte)
        x, skips = self.stem(x), []
        for level, down in enumerate(self.down):
            x = down(nn.functional.max_pool2d(x, 2) if level else x)
            skips.append(x)
            if level == self.attended:
                x = self.middle(x)
                if level + 1 < len(self.down):
                    skips[-1] = x
        for up in self.up:
            x = nn.functional.interpolate(
                up(torch.cat([x, skips.pop()], 1)), scale_factor=2.0, mode="nearest"
            )
        x = self.head(self.squeeze(torch.cat([x, skips.pop()], 1)))
        return finish(self.unfold(x), logits)


class Block(nn.Module):
    """Convolution 3×3, batch normalisation, LeakyReLU.

    Parameters
    ----------
    shortcut : add the input through a 1×1 convolution, as GANMasker's Ge-block does (figure 3b)
    """

    def __init__(self, channels_in: int, channels_out: int, *, shortcut: bool = False) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels_out),
            nn.LeakyReLU(SLOPE),
        )
        self.shortcut = nn.Conv2d(channels_in, channels_out, 1) if shortcut else None

    def forward(self, x: Tensor) -> Tensor:
        """N×C_in×H×W to N×C_out×H×W."""
        out: Tensor = self.body(x)
        return out if self.shortcut is None else out + self.shortcut(x)
