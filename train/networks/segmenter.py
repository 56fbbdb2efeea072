"""The segmenter: the U-Net of the M-CSAM paper, slimmed to two CPU cores.

"Face Mask Removal with Region-attentive Face Inpainting", section 3.1: four encoder blocks
(max-pool, then two conv–BN–ReLU), four decoder blocks (bilinear up, two conv–BN–ReLU), concatenated
skips, sigmoid out. For speed it works behind a 2× space-to-depth stem, and a 1×1 convolution brings
the deeper level to the skip's width before it is up-sampled.
"""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn


def conv_block(channels_in: int, channels_out: int) -> nn.Sequential:
    """Return two conv–BN–ReLU."""
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(),
        nn.Conv2d(channels_out, channels_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(),
    )


class LiveSegmenter(nn.Module):
    """About 0.58 GMAC at 256².

    Parameters
    ----------
    widths : channels at 128², 64², 32², 16² and 8²
    """

    def __init__(self, widths: tuple[int, ...] = (16, 32, 48, 96, 128)) -> None:
        super().__init__()
        self.widths = widths
        self.stem = nn.PixelUnshuffle(2)
        self.first = conv_block(12, widths[0])
        self.down = nn.ModuleList(
            nn.Sequential(nn.MaxPool2d(2), conv_block(a, b)) for a, b in itertools.pairwise(widths)
        )
        self.narrow = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in itertools.pairwise(widths))
        self.up = nn.ModuleList(conv_block(2 * a, a) for a in widths[:-1])
        self.head = nn.Sequential(nn.Conv2d(widths[0], 4, 3, padding=1), nn.PixelShuffle(2))

    def logits(self, image: Tensor) -> Tensor:
        """Return the matte before the sigmoid."""
        skips = [self.first(self.stem(image * 2 - 1))]
        for down in self.down:
            skips.append(down(skips[-1]))
        x = skips.pop()
        for narrow, up, skip in zip(
            reversed(self.narrow), reversed(self.up), reversed(skips), strict=True
        ):
            x = nn.functional.interpolate(
                narrow(x), scale_factor=2.0, mode="bilinear", align_corners=False
            )
            x = up(torch.cat([x, skip], 1))
        out: Tensor = self.head(x)
        return out

    def forward(self, image: Tensor) -> Tensor:
        """N×3×256×256 RGB in 0..1 to a matte, N×1×256×256 in 0..1."""
        return torch.sigmoid(self.logits(image))
