"""The 70×70 patch discriminator (Isola et al. 2017), spectrally normalised."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


class PatchDiscriminator(nn.Module):
    """RGB and matte in, one score a patch out; also gives its features for feature matching."""

    def __init__(self, width: int = 32, *, channels_in: int = 4) -> None:
        super().__init__()
        plan = [(channels_in, width, 2), (width, 2 * width, 2), (2 * width, 4 * width, 2)]
        plan += [(4 * width, 4 * width, 1), (4 * width, 1, 1)]
        self.layers = nn.ModuleList(
            spectral_norm(nn.Conv2d(i, o, 4, stride, 1)) for i, o, stride in plan
        )

    def forward(self, image: Tensor, matte: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return scores (N×1×h×w) and the activations of the first layers."""
        x = torch.cat([image * 2 - 1, matte], 1)
        features = []
        for layer in self.layers[:-1]:
            x = nn.functional.leaky_relu(layer(x), 0.2)
            features.append(x)
        scores: Tensor = self.layers[-1](x)
        return scores, features


class FeaturePatchDiscriminator(nn.Module):
    """Feature maps in, one score a patch of them out.

    From "Coherent Semantic Attention for Image Inpainting" (Liu et al. 2019, section 3.4), used in
    the M-CSAM paper, section 3.2.2: it judges a feature network's maps instead of pixels. Three
    4×4 convolutions of stride 2; spectral norm as in the other, which the paper leaves open.

    Parameters
    ----------
    channels_in : of the feature maps; 256 for VGG-16's ``relu3_3``
    """

    def __init__(self, channels_in: int = 256, width: int = 512) -> None:
        super().__init__()
        plan = [(channels_in, width), (width, width), (width, 1)]
        self.layers = nn.ModuleList(spectral_norm(nn.Conv2d(i, o, 4, 2, 1)) for i, o in plan)

    def forward(self, features: Tensor) -> Tensor:
        """N×C×H×W, H and W at least 8, to scores N×1×(H/8)×(W/8)."""
        x = features
        for layer in self.layers[:-1]:
            x = nn.functional.leaky_relu(layer(x), 0.2)
        scores: Tensor = self.layers[-1](x)
        return scores
