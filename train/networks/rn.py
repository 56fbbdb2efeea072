"""The RN inpainter: Yu et al. 2020, "Region Normalization for Image Inpainting", section 3.4.

The picture network of EdgeConnect (Nazeri et al. 2019): three layers down, eight residual blocks
with dilation 2, three layers up. RN-B stands in the encoder, where the given mask still tells the
regions; RN-L in residual blocks and decoder, where it no longer does. Widths are w, 2w, 4w; w = 64.
What the paper leaves open is as in its authors' code: the hole is white and the mask no channel,
sub-pixel shuffles enlarge, RN-L's convolutions have kernels of 7. So it has the 11.6 million
parameters that the M-CSAM paper counts (section 5).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from train.networks.channels import channels
from train.networks.region_norm import BasicRegionNorm, LearnableRegionNorm

FULL_WIDTH = 64.0
BLOCKS = 8


class RegionNormNet(nn.Module):
    """11.6 million parameters at the full width.

    Parameters
    ----------
    width : w above
    """

    def __init__(self, width: float = FULL_WIDTH) -> None:
        super().__init__()
        w1, w2, w4 = channels(width, 1, 2, 4)
        self.down = nn.ModuleList(
            [
                nn.Conv2d(3, w1, 7, padding=3, padding_mode="reflect"),
                nn.Conv2d(w1, w2, 4, 2, 1),
                nn.Conv2d(w2, w4, 4, 2, 1),
            ]
        )
        self.norms = nn.ModuleList(BasicRegionNorm(w) for w in (w1, w2, w4))
        self.middle = nn.Sequential(*(Residual(w4) for _ in range(BLOCKS)))
        self.up = nn.Sequential(
            nn.Conv2d(w4, 4 * w2, 3, padding=1),
            nn.PixelShuffle(2),
            LearnableRegionNorm(),
            nn.ReLU(),
            nn.Conv2d(w2, 4 * w1, 3, padding=1),
            nn.PixelShuffle(2),
            LearnableRegionNorm(),
            nn.ReLU(),
            nn.Conv2d(w1, 3, 7, padding=3, padding_mode="reflect"),
        )

    def forward(self, image: Tensor, matte: Tensor) -> Tensor:
        """Fill the matte.

        Parameters
        ----------
        image : N×3×H×W RGB in 0..1; what lies inside the matte is not looked at
        matte : N×1×H×W in 0..1; H and W multiples of 4

        Returns
        -------
        N×3×H×W RGB in 0..1
        """
        x = image * (1 - matte) + matte
        for conv, norm in zip(self.down, self.norms, strict=True):
            x = nn.functional.relu(norm(conv(x), matte))
        return torch.tanh(self.up(self.middle(x))) * 0.5 + 0.5


class Residual(nn.Module):
    """Dilated 3×3, RN-L, ReLU, 3×3, RN-L, plus the input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=2, dilation=2, padding_mode="reflect"),
            LearnableRegionNorm(),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, padding_mode="reflect"),
            LearnableRegionNorm(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to the same."""
        out: Tensor = x + self.body(x)
        return out
