"""GLCIC: Iizuka et al. 2017, "Globally and Locally Consistent Image Completion", section 3.

A completion network that halves the size only twice and sees far by dilated convolutions (table 1),
and a discriminator that looks at the whole picture and at the half of it around what was filled
(tables 2 to 4).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from train.networks.channels import channels

FULL_WIDTH = 64.0
RATES = (2, 4, 8, 16)


class Completion(nn.Module):
    """The completion network (table 1): w, 2w, 4w with w = 64; 6.1 million parameters.

    Parameters
    ----------
    width : w above
    """

    def __init__(self, width: float = FULL_WIDTH) -> None:
        super().__init__()
        half, w1, w2, w4 = channels(width, 0.5, 1, 2, 4)
        layers = [
            *_conv(4, w1, kernel=5),
            *_conv(w1, w2, stride=2),
            *_conv(w2, w2),
            *_conv(w2, w4, stride=2),
            *_conv(w4, w4),
            *_conv(w4, w4),
        ]
        for rate in RATES:
            layers += _conv(w4, w4, dilation=rate)
        layers += [*_conv(w4, w4), *_conv(w4, w4), *_up(w4, w2), *_conv(w2, w2), *_up(w2, w1)]
        layers += [*_conv(w1, half), nn.Conv2d(half, 3, 3, padding=1)]
        self.layers = nn.Sequential(*layers)

    def forward(self, image: Tensor, matte: Tensor) -> Tensor:
        """Fill the matte.

        The paper fills the hole with the data's mean colour first; here that is grey.

        Parameters
        ----------
        image : N×3×H×W RGB in 0..1; what lies inside the matte is not looked at
        matte : N×1×H×W in 0..1; H and W multiples of 4

        Returns
        -------
        N×3×H×W RGB in 0..1
        """
        x = torch.cat([(image - 0.5) * (1 - matte) * 2, matte], 1)
        return torch.sigmoid(self.layers(x))


class Judge(nn.Module):
    """Global and local discriminator, joined to one score (section 3.3, table 2).

    Batch norm, which the completion network has, is left out: true and made pictures pass through
    at once and would share its statistics.

    Parameters
    ----------
    width : channels of the first layers, 64 in the paper; at most eight times as many below, and 16
        times as many in the vector of each
    side : of the pictures, a power of 2
    """

    def __init__(self, width: float = 64, *, side: int = 256) -> None:
        super().__init__()
        (vector,) = channels(width, 16)
        self.side = side
        self.whole = _tower(width, side, vector)
        self.part = _tower(width, side // 2, vector)
        self.join = nn.Linear(2 * vector, 1)

    def forward(self, image: Tensor, matte: Tensor) -> Tensor:
        """N×3×H×W RGB in 0..1 to scores N×1, before the sigmoid; the matte says where to look."""
        seen = image * 2 - 1
        both = torch.cat([self.whole(seen), self.part(around(seen, matte))], 1)
        scores: Tensor = self.join(nn.functional.relu(both))
        return scores


def around(picture: Tensor, matte: Tensor) -> Tensor:
    """Return the half in height and width whose centre is the matte's, as far as it fits in.

    Parameters
    ----------
    picture : N×C×H×W
    matte : N×1×H×W
    """
    cuts = []
    for one, cover in zip(picture, matte, strict=True):
        _c, height, width = one.shape
        top = _start(cover[0].amax(1), height)
        left = _start(cover[0].amax(0), width)
        cuts.append(one[:, top : top + height // 2, left : left + width // 2])
    return torch.stack(cuts)


def _start(marked: Tensor, size: int) -> int:
    """Return where to begin along one axis; the middle where nothing is marked."""
    places = torch.nonzero(marked > 0.5)
    centre = int(places.min() + places.max() + 1) // 2 if len(places) else size // 2
    return min(max(centre - size // 4, 0), size - size // 2)


def _tower(width: float, side: int, vector: int) -> nn.Sequential:
    """5×5 convolutions of stride 2 down to 4×4, then a vector."""
    count = int(math.log2(side)) - 2
    w = channels(width, *(min(2**k, 8) for k in range(count)))
    layers: list[nn.Module] = []
    for i, o in zip((3, *w[:-1]), w, strict=True):
        layers += [nn.Conv2d(i, o, 5, 2, 2), nn.ReLU()]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(w[-1] * 16, vector))


def _conv(
    i: int, o: int, *, kernel: int = 3, stride: int = 1, dilation: int = 1
) -> list[nn.Module]:
    padding = kernel // 2 * dilation
    conv = nn.Conv2d(i, o, kernel, stride, padding, dilation, bias=False)
    return [conv, nn.BatchNorm2d(o), nn.ReLU()]


def _up(i: int, o: int) -> list[nn.Module]:
    conv = nn.ConvTranspose2d(i, o, 4, 2, 1, bias=False)
    return [conv, nn.BatchNorm2d(o), nn.ReLU()]
