"""RA-UNet: Hosen and Islam 2022, "Masked Face Inpainting Through Residual Attention UNet",
section II.

Blind: a masked face in, the bare face out, no mask given. A U-Net of five levels (w, 2w, 4w, 8w,
16w; w = 64), each two 3×3 convolutions with ReLU and a residual path, with attention gates on the
skips.

What the text leaves open is settled by the parameters it counts. Section II.A says both that input
and output of a block are added and that they are concatenated and brought back by a 1×1; with a
1×1 on the input and a sum, and gates as in `AttentionGate`, the counts are 31.4, 37.3 and 39.0
million (table II: 31, 37, 39) and for other depths 0.58, 9.68, 39.13 and 156.5 million (section
III.D: 0.58, 9.68, 39.14, 156.5). Concatenation in every block makes 40.8 million. Both are here.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from train.networks.channels import channels

FULL_WIDTH = 64.0
RESIDUALS = ("add", "concat", "none")


class RAUNet(nn.Module):
    """39 million parameters at the full width; figure 2.

    Parameters
    ----------
    width : w above
    levels : 5; section III.D compares other depths
    residual : "add", "concat" or "none": without it and with `gates` it is the attention UNet of
        table II, without both the plain UNet
    gates : whether attention gates stand on the skips
    """

    def __init__(
        self,
        width: float = FULL_WIDTH,
        *,
        levels: int = 5,
        residual: str = "add",
        gates: bool = True,
    ) -> None:
        super().__init__()
        if residual not in RESIDUALS:
            raise ValueError(f"residual is {residual!r}; known are {', '.join(RESIDUALS)}")
        w = channels(width, *(2**k for k in range(levels)))
        before = (3, *w[:-1])
        self.down = nn.ModuleList(
            ResidualBlock(i, o, residual) for i, o in zip(before, w, strict=True)
        )
        pairs = list(zip(w[:0:-1], w[-2::-1], strict=True))  # (deeper, skip), deepest first
        self.gates = nn.ModuleList(AttentionGate(x, g) if gates else Open() for g, x in pairs)
        self.up = nn.ModuleList(ResidualBlock(g + x, x, residual) for g, x in pairs)
        self.head = nn.Conv2d(w[0], 3, 1)

    def forward(self, image: Tensor) -> Tensor:
        """N×3×H×W RGB in 0..1, H and W multiples of 16, to the face without its mask, the same."""
        x, skips = image * 2 - 1, []
        for level, down in enumerate(self.down):
            x = down(nn.functional.max_pool2d(x, 2) if level else x)
            skips.append(x)
        skips.pop()
        for gate, up in zip(self.gates, self.up, strict=True):
            skip = gate(skips.pop(), x)
            x = up(torch.cat([_twice(x), skip], 1))
        return torch.sigmoid(self.head(x))


class ResidualBlock(nn.Module):
    """Two 3×3 convolutions with ReLU, and the block's input two hops away (section II.A, figure 3).

    Parameters
    ----------
    residual : "add" brings the input to the block's width by a 1×1 and adds it; "concat" joins it
        to the features on the channel dimension, ``M_f``, and a 1×1 brings both back; "none" is a
        plain U-Net's block
    """

    def __init__(self, channels_in: int, channels_out: int, residual: str = "add") -> None:
        super().__init__()
        self.first = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        self.second = nn.Conv2d(channels_out, channels_out, 3, padding=1)
        self.residual = residual
        joined = channels_in + (channels_out if residual == "concat" else 0)
        self.short = None if residual == "none" else nn.Conv2d(joined, channels_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        """N×C_in×H×W to N×C_out×H×W."""
        features = nn.functional.relu(self.second(nn.functional.relu(self.first(x))))
        if self.short is None:
            return features
        if self.residual == "concat":
            both: Tensor = self.short(torch.cat([features, x], 1))
            return both
        return features + self.short(x)


class AttentionGate(nn.Module):
    """Soft attention on a skip (section II.B, figure 4; Oktay et al. 2018, section 3).

    ``x`` from the skip and ``g``, the gating signal of the level below, are brought to the same
    size and added; ReLU, a 1×1 convolution ψ and a sigmoid make weights, which are enlarged to x's
    size and multiplied with it. The 3×3 after the gating signal and the 1×1 at the end are of the
    implementation whose parameters the paper counts.

    Parameters
    ----------
    skip, gating : channels of x and g
    """

    def __init__(self, skip: int, gating: int) -> None:
        super().__init__()
        self.signal = nn.Conv2d(gating, skip, 1)
        self.theta = nn.Conv2d(skip, skip, 2, stride=2)
        self.phi = nn.Sequential(nn.Conv2d(skip, skip, 1), nn.Conv2d(skip, skip, 3, padding=1))
        self.psi = nn.Conv2d(skip, 1, 1)
        self.out = nn.Conv2d(skip, skip, 1)

    def weights(self, x: Tensor, g: Tensor) -> Tensor:
        """Return the weights before they are enlarged: N×1×(H/2)×(W/2) in 0..1."""
        signal = nn.functional.relu(self.signal(g))
        return torch.sigmoid(self.psi(nn.functional.relu(self.theta(x) + self.phi(signal))))

    def forward(self, x: Tensor, g: Tensor) -> Tensor:
        """N×C×H×W and N×G×(H/2)×(W/2) to N×C×H×W."""
        out: Tensor = self.out(x * _twice(self.weights(x, g)))
        return out


class Open(nn.Module):
    """A gate that is always open: the plain skip."""

    def forward(self, x: Tensor, g: Tensor) -> Tensor:
        """Return x."""
        return x


def _twice(x: Tensor) -> Tensor:
    return nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")
