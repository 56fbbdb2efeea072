"""A smooth first guess at what a hole holds, from what lies around it, for a network to go on from.

What the field's table showed to learn quickest is the partial convolution (Liu et al. 2018): each
of its layers divides by how much of its window is known, so that a hole takes the colours of its
surroundings instead of black. This does so once, before the network, in a pyramid of averages over
the known pixels alone (normalised convolution, Knutsson and Westin 1993; pull–push, Gortler et al.
1996): fine where something is known near by, coarse far inside the hole. It has no weights and no
multiply-accumulates worth counting, and a network that starts from it has only the face to add.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate

FINEST = 4
"""Side of the squares that the finest level averages, pixels: the guess is smooth anyway."""
KNOWN = 0.5
"""Share of a square that must be known for its average to be taken as it is; less is mixed with the
next coarser level."""
EPSILON = 1e-3
MARGIN = 0.02
"""How near to 0 and 1 a guess may come as a logit."""


def smooth_guess(image: Tensor, matte: Tensor) -> Tensor:
    """Return a blurred picture that has colours everywhere.

    Parameters
    ----------
    image : N×3×H×W RGB in 0..1; what lies under the matte is not looked at
    matte : N×1×H×W in 0..1, 1 where nothing is known; H and W multiples of 4, and the coarsest
        level is the first that has an odd or only two rows or columns

    Returns
    -------
    N×3×H×W RGB in 0..1; where all is unknown, black
    """
    known = avg_pool2d(1 - matte, FINEST)
    colour = avg_pool2d(image * (1 - matte), FINEST)
    levels = [(colour, known)]
    while all(side > 2 and side % 2 == 0 for side in colour.shape[-2:]):
        colour, known = avg_pool2d(colour, 2), avg_pool2d(known, 2)
        levels.append((colour, known))
    colour, known = levels.pop()
    guess = colour / (known + EPSILON)
    for colour, known in reversed(levels):
        trust = (known / KNOWN).clamp(max=1)
        guess = trust * colour / (known + EPSILON) + (1 - trust) * _larger(guess, 2)
    return _larger(guess, FINEST).clamp(0, 1)


def start(image: Tensor, matte: Tensor, *, prefill: bool) -> tuple[Tensor, Tensor | None]:
    """Return what a network is given and the guess it adds to, if any.

    Parameters
    ----------
    image, matte : as in `smooth_guess`
    prefill : whether there is a guess

    Returns
    -------
    N×4×H×W: the picture in -1..1, under the matte 0 or the guess, and the matte. And N×3×H×W, the
    guess as logits.
    """
    if not prefill:
        return torch.cat([(image - 0.5) * (1 - matte) * 2, matte], 1), None
    guess = smooth_guess(image, matte)
    seen = image * (1 - matte) + guess * matte
    return torch.cat([seen * 2 - 1, matte], 1), torch.logit(guess, MARGIN)


def finish(made: Tensor, guess: Tensor | None) -> Tensor:
    """Return the picture in 0..1: of a network's last layer, added to the guess."""
    return torch.sigmoid(made if guess is None else made + guess)


def zeroed(last: nn.Conv2d) -> None:
    """Let a network begin as the guess: its last convolution adds nothing yet."""
    nn.init.zeros_(last.weight)
    if last.bias is not None:
        nn.init.zeros_(last.bias)


def _larger(x: Tensor, times: int) -> Tensor:
    return interpolate(x, scale_factor=float(times), mode="bilinear", align_corners=False)
