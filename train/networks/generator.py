"""The M-CSAM generator as its paper has it: "Face Mask Removal with Region-attentive Face
Inpainting", section 3.2.

The paper gives four gated layers down, each of which makes the picture smaller, three M-CSAMs, four
gated layers up, four skips, 44.7 million parameters, and leaves widths and kernels open. Here the
widths are w, 2w, 4w, 8w, as in the networks it compares itself with, the first two kernels are 5×5
(GatedConv begins so) and the others 3×3. With w = 104 that makes 44.3 million.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from train.networks.gated import GatedConv
from train.networks.mcsam import MCSAM

FULL_WIDTH = 104
"""The width at which the parameters come to the paper's number; a multiple of 8 for bf16 units."""


class Generator(nn.Module):
    """Gated encoder–decoder around three M-CSAMs (figure 1, section 3.2.1).

    Parameters
    ----------
    width : w above; 24 makes about as many parameters as `train.networks.inpainter` has
    attention : as in `MCSAM`; "conv" is the ablation of table 3
    """

    def __init__(self, width: int = FULL_WIDTH, *, attention: str = "csam") -> None:
        super().__init__()
        if width < 1:
            raise ValueError(f"width is {width}, wanted at least 1")
        w1, w2, w3, w4 = width, 2 * width, 4 * width, 8 * width
        self.down1 = GatedConv(4, w1, stride=2, kernel=5)  # 128²
        self.down2 = GatedConv(w1, w2, stride=2, kernel=5)  # 64²
        self.down3 = GatedConv(w2, w3, stride=2)  # 32²
        self.down4 = GatedConv(w3, w4, stride=2)  # 16²
        self.middle = nn.Sequential(*(MCSAM(w4, attention=attention) for _ in range(3)))
        self.up4 = GatedConv(2 * w4, w3)
        self.up3 = GatedConv(2 * w3, w2)
        self.up2 = GatedConv(2 * w2, w1)
        self.up1 = GatedConv(2 * w1, w1)
        self.head = nn.Conv2d(w1, 3, 3, padding=1)

    def forward(self, image: Tensor, matte: Tensor) -> Tensor:
        """Return ``I_r``, the whole picture as the network sees it.

        Parameters
        ----------
        image : N×3×H×W RGB in 0..1; what lies inside the matte is not looked at
        matte : N×1×H×W in 0..1; H and W multiples of 16

        Returns
        -------
        N×3×H×W RGB in 0..1; `train.networks.inpainter.composite` makes ``I_syn`` of it (eq. 1)
        """
        d1 = self.down1(torch.cat([(image - 0.5) * (1 - matte) * 2, matte], 1))
        d2 = self.down2(d1)
        d3 = self.down3(d2)
        d4 = self.down4(d3)
        y = self.up4(_twice(self.middle(d4), d4))
        y = self.up3(_twice(y, d3))
        y = self.up2(_twice(y, d2))
        y = self.up1(_twice(y, d1))
        return torch.sigmoid(self.head(y))


def _twice(x: Tensor, skip: Tensor) -> Tensor:
    """Concatenate with the skip and double the size."""
    both = torch.cat([x, skip], 1)
    return nn.functional.interpolate(both, scale_factor=2.0, mode="nearest")
