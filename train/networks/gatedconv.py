"""GatedConv: Yu et al. 2019, "Free-Form Image Inpainting with Gated Convolution" (DeepFill v2).

Coarse to fine (section 3.3): a first network fills roughly; a second refines, in two
branches, of which one has dilated convolutions and the other contextual attention. All convolutions
but the last of each network are gated. Widths are w, 2w, 4w with w = 24 at full width: 4.1 million
parameters, as section 4 has it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from train.networks.channels import channels
from train.networks.contextual import ContextualAttention
from train.networks.gated import GatedConv
from train.networks.inpainter import composite

FULL_WIDTH = 24.0
RATES = (2, 4, 8, 16)


class CoarseToFine(nn.Module):
    """The generator.

    Parameters
    ----------
    width : w above
    """

    def __init__(self, width: float = FULL_WIDTH) -> None:
        super().__init__()
        half, w1, w2, w4 = channels(width, 0.5, 1, 2, 4)
        self.coarse = nn.Sequential(_encoder(w1, w2, w2, w4, w4), _dilated(w4), _same(w4))
        self.coarse_up = _decoder(w4, w4, w2, w1, half)
        self.refine = nn.Sequential(_encoder(w1, w1, w2, w2, w4), _dilated(w4))
        self.attend_in = _encoder(w1, w1, w2, w4, w4)
        self.attend = ContextualAttention()
        self.attend_out = _same(w4)
        self.fine_up = _decoder(2 * w4, w4, w2, w1, half)

    def stages(self, image: Tensor, matte: Tensor) -> tuple[Tensor, Tensor]:
        """Return what both networks make, coarse and fine; as `forward` otherwise."""
        coarse = _picture(self.coarse_up(self.coarse(_seen(image, matte))))
        seen = _seen(composite(image, coarse, matte), matte, hidden=False)
        hole = nn.functional.max_pool2d(matte, 4)
        attended = self.attend_out(self.attend(self.attend_in(seen), hole))
        fine = self.fine_up(torch.cat([self.refine(seen), attended], 1))
        return coarse, _picture(fine)

    def forward(self, image: Tensor, matte: Tensor) -> Tensor:
        """Return the refined picture.

        Parameters
        ----------
        image : N×3×H×W RGB in 0..1; what lies inside the matte is not looked at
        matte : N×1×H×W in 0..1; H and W multiples of 8

        Returns
        -------
        N×3×H×W RGB in 0..1
        """
        return self.stages(image, matte)[1]


class SNPatchJudge(nn.Module):
    """SN-PatchGAN (section 3.2): six 5×5 convolutions of stride 2, spectrally
    normalised; each feature at each place of the last is a score of its own.

    Parameters
    ----------
    width : channels of the first layer; 2 and 4 times as many after it
    """

    def __init__(self, width: float = 64) -> None:
        super().__init__()
        w = channels(width, 1, 2, 4, 4, 4, 4)
        before = (4, *w[:-1])
        self.layers = nn.ModuleList(
            spectral_norm(nn.Conv2d(i, o, 5, 2, 2)) for i, o in zip(before, w, strict=True)
        )

    def forward(self, image: Tensor, matte: Tensor) -> Tensor:
        """N×3×H×W RGB in 0..1 and N×1×H×W to scores N×C×(H/64)×(W/64)."""
        x = torch.cat([image * 2 - 1, matte], 1)
        for layer in self.layers[:-1]:
            x = nn.functional.leaky_relu(layer(x), 0.2)
        scores: Tensor = self.layers[-1](x)
        return scores


def _seen(image: Tensor, matte: Tensor, *, hidden: bool = True) -> Tensor:
    """Return picture in -1..1, nothing of it inside the matte where ``hidden``, and matte."""
    shown = (image - 0.5) * 2
    return torch.cat([shown * (1 - matte) if hidden else shown, matte], 1)


def _encoder(first: int, second: int, third: int, fourth: int, last: int) -> nn.Sequential:
    """To a quarter of the size, by the channels of each layer."""
    return nn.Sequential(
        GatedConv(4, first, kernel=5),
        GatedConv(first, second, stride=2),
        GatedConv(second, third),
        GatedConv(third, fourth, stride=2),
        GatedConv(fourth, last),
        GatedConv(last, last),
    )


def _dilated(width: int) -> nn.Sequential:
    return nn.Sequential(*(GatedConv(width, width, dilation=rate) for rate in RATES))


def _same(width: int) -> nn.Sequential:
    return nn.Sequential(GatedConv(width, width), GatedConv(width, width))


def _decoder(joined: int, w4: int, w2: int, w1: int, half: int) -> nn.Sequential:
    """Back to full size and to three channels; the second network's first joins its branches."""
    join = [GatedConv(joined, w4), GatedConv(w4, w4)] if joined != w4 else []
    return nn.Sequential(
        *join,
        nn.Upsample(scale_factor=2),
        GatedConv(w4, w2),
        GatedConv(w2, w2),
        nn.Upsample(scale_factor=2),
        GatedConv(w2, w1),
        GatedConv(w1, half),
        nn.Conv2d(half, 3, 3, padding=1),
    )


def _picture(x: Tensor) -> Tensor:
    return torch.tanh(x) * 0.5 + 0.5
