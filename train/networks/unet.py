"""The segmenter as the M-CSAM paper has it: "Face Mask Removal with Region-attentive Face
Inpainting", section 3.1.

A U-Net with batch norm: four encoder blocks of max-pool and two conv–BN–ReLU, four decoder blocks
of bilinear interpolation and two conv–BN–ReLU, skips by concatenation, a sigmoid at the end. The
paper leaves the widths open: they are w, 2w, 4w, 8w, 8w. The deepest two are equal since bilinear
interpolation, unlike a transposed convolution, cannot change the width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from train.networks.segmenter import conv_block


class UNet(nn.Module):
    """13 million parameters at the full width of 64."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        if width < 1:
            raise ValueError(f"width is {width}, wanted at least 1")
        w = [width, 2 * width, 4 * width, 8 * width, 8 * width]
        self.first = conv_block(3, w[0])
        self.down = nn.ModuleList(
            nn.Sequential(nn.MaxPool2d(2), conv_block(w[i], w[i + 1])) for i in range(4)
        )
        # Each block ends in the width of the next skip, so that half of what it sees is the skip.
        self.up = nn.ModuleList(conv_block(2 * w[i], w[max(i - 1, 0)]) for i in (3, 2, 1, 0))
        self.head = nn.Conv2d(w[0], 1, 1)

    def logits(self, image: Tensor) -> Tensor:
        """Return the matte before the sigmoid."""
        skips = [self.first(image * 2 - 1)]
        for down in self.down:
            skips.append(down(skips[-1]))
        x = skips.pop()
        for up in self.up:
            x = nn.functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
            x = up(torch.cat([x, skips.pop()], 1))
        out: Tensor = self.head(x)
        return out

    def forward(self, image: Tensor) -> Tensor:
        """N×3×H×W RGB in 0..1, H and W multiples of 16, to a matte N×1×H×W in 0..1."""
        return torch.sigmoid(self.logits(image))
