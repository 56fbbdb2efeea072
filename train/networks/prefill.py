"""A smooth first guess at what a hole holds, from what lies around it, for a network to go on from.

Of two U-Nets in the field's table that differ in nothing else, the one of partial convolutions (Liu
et al. 2018) fills better: each of its layers divides by how much of its window is known, so that a
hole takes the colours of its surroundings instead of black. This does so once, before the network,
in a pyramid of averages over the known pixels alone (normalised convolution, Knutsson and Westin
1993; pull-push, Gortler et al. 1996): fine where something is known near by, coarse far inside the
hole. A network that starts from it has only the face to add. It has no weights to learn and hardly
a multiply-accumulate, but its passes over the picture take time: about a tenth of the live
network's.
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
SCRAP = 0.02
"""The same at the coarsest level, where the average of all that is known comes next."""
EPSILON = 1e-3
MARGIN = 0.02
"""How near to 0 and 1 a guess may come as a logit."""


class SmoothGuess(nn.Module):
    """Guesses, and has something in the weights' file to be told by.

    Without it a network that starts from the guess could be opened as one that does not.
    """

    known: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("known", torch.tensor([KNOWN]))

    def forward(self, image: Tensor, matte: Tensor) -> tuple[Tensor, Tensor]:
        """Return what the network is given and what it adds to.

        Parameters
        ----------
        image, matte : as in `smooth_guess`

        Returns
        -------
        N×4×H×W, the picture in -1..1 with the guess under the matte, and the matte; and N×3×H×W,
        the guess as logits
        """
        guess = smooth_guess(image, matte, self.known)
        seen = image * (1 - matte) + guess * matte
        return torch.cat([seen * 2 - 1, matte], 1), torch.logit(guess, MARGIN)


def smooth_guess(image: Tensor, matte: Tensor, enough: Tensor | float = KNOWN) -> Tensor:
    """Return a blurred picture that has colours everywhere.

    Parameters
    ----------
    image : N×3×H×W RGB in 0..1; what lies under the matte is not looked at
    matte : N×1×H×W in 0..1, 1 where nothing is known; H and W multiples of 4, and the coarsest
        level is the first that has an odd or only two rows or columns
    enough : as `KNOWN`

    Returns
    -------
    N×3×H×W RGB in 0..1; black where all of a picture is unknown
    """
    known = avg_pool2d(1 - matte, FINEST)
    colour = avg_pool2d(image * (1 - matte), FINEST)
    levels = [(colour, known)]
    while all(side > 2 and side % 2 == 0 for side in colour.shape[-2:]):
        colour, known = avg_pool2d(colour, 2), avg_pool2d(known, 2)
        levels.append((colour, known))
    colour, known = levels.pop()
    every = colour.mean((2, 3), keepdim=True) / (known.mean((2, 3), keepdim=True) + EPSILON)
    guess = _mixed(colour, known, every, SCRAP)
    for colour, known in reversed(levels):
        guess = _mixed(colour, known, _larger(guess, 2), enough)
    return _larger(guess, FINEST).clamp(0, 1)


def _mixed(colour: Tensor, known: Tensor, coarser: Tensor, enough: Tensor | float) -> Tensor:
    """Return the averages of what is known, mixed with the coarser level where that is little."""
    trust = (known / enough).clamp(max=1)
    return trust * colour / (known + EPSILON) + (1 - trust) * coarser


def start(guess: SmoothGuess | None, image: Tensor, matte: Tensor) -> tuple[Tensor, Tensor | None]:
    """Return what a network is given, and the guess it adds to, if any; as `SmoothGuess`."""
    if guess is None:
        return torch.cat([(image - 0.5) * (1 - matte) * 2, matte], 1), None
    x, logits = guess(image, matte)
    return x, logits


def finish(made: Tensor, logits: Tensor | None) -> Tensor:
    """Return the picture in 0..1: of a network's last layer, added to the guess."""
    return torch.sigmoid(made if logits is None else made + logits)


def guess_for(last: nn.Conv2d, *, prefill: bool) -> SmoothGuess | None:
    """Return the guess of a network, if it is to have one.

    Parameters
    ----------
    last : its last convolution, which then adds nothing yet: the network begins as the guess
    """
    if not prefill:
        return None
    nn.init.zeros_(last.weight)
    if last.bias is not None:
        nn.init.zeros_(last.bias)
    return SmoothGuess()


def _larger(x: Tensor, times: int) -> Tensor:
    return interpolate(x, scale_factor=float(times), mode="bilinear", align_corners=False)
