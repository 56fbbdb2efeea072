"""Region normalisation: Yu et al. 2020, "Region Normalization for Image Inpainting", section 3.

Batch or instance norm takes mean and variance over filled and true pixels alike, which shifts both.
Here each region has its own.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

EPSILON = 1e-5


def normalised(x: Tensor, region: Tensor) -> Tensor:
    """Normalise the two regions apart, each channel of each picture (eqs. 2 to 4).

    Parameters
    ----------
    x : N×C×H×W
    region : N×1×H×W, 0 or 1

    Returns
    -------
    N×C×H×W float32, mean 0 and variance 1 over each region
    """
    x, region = x.float(), region.float()
    out = torch.zeros_like(x)
    for where in (region, 1 - region):
        count = where.sum((2, 3), keepdim=True).clamp(min=1)
        mean = (x * where).sum((2, 3), keepdim=True) / count
        apart = (x - mean) * where
        variance = apart.square().sum((2, 3), keepdim=True) / count
        out = out + apart * torch.rsqrt(variance + EPSILON)
    return out


class BasicRegionNorm(nn.Module):
    """RN-B: the regions are those of the given mask, each with its own affine (section 3.2).

    Parameters
    ----------
    channels : C; γ and β for each of them, for the hole and for the rest
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(2, channels, 1, 1))
        self.beta = nn.Parameter(torch.zeros(2, channels, 1, 1))

    def forward(self, x: Tensor, matte: Tensor) -> Tensor:
        """N×C×H×W and the matte, N×1 of any size, to N×C×H×W."""
        region = nn.functional.interpolate(matte, size=x.shape[2:], mode="nearest")
        region = (region > 0.5).float()
        gamma = self.gamma[0] * region + self.gamma[1] * (1 - region)
        beta = self.beta[0] * region + self.beta[1] * (1 - region)
        return (gamma * normalised(x, region) + beta).to(x.dtype)


class LearnableRegionNorm(nn.Module):
    """RN-L: the regions are found in the features, affine pixel by pixel (section 3.3).

    ``M_sr = σ(Conv([F_max, F_avg]))``; a region is where it is above a threshold; γ and β are
    convolutions of M_sr, the same for every channel.

    Parameters
    ----------
    threshold : t, 0.8 in the paper
    kernel : side of the convolutions, odd
    """

    def __init__(self, *, threshold: float = 0.8, kernel: int = 7) -> None:
        super().__init__()
        self.threshold = threshold
        self.response = nn.Conv2d(2, 1, kernel, padding=kernel // 2, bias=False)
        self.gamma = nn.Conv2d(1, 1, kernel, padding=kernel // 2)
        self.beta = nn.Conv2d(1, 1, kernel, padding=kernel // 2)
        nn.init.ones_(self.gamma.bias)  # at first about plain normalisation

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to the same."""
        pooled = torch.cat([x.amax(1, keepdim=True), x.mean(1, keepdim=True)], 1)
        response = torch.sigmoid(self.response(pooled))
        # A threshold has no gradient: the response learns through γ and β alone.
        region = (response.detach() > self.threshold).float()
        made = self.gamma(response) * normalised(x, region) + self.beta(response)
        return made.to(x.dtype)
