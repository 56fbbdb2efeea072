"""Contextual attention: what is missing is put together from patches of what is there.

Yu et al. 2018, "Generative Image Inpainting with Contextual Attention", section 4.1; the generator
of "Free-Form Image Inpainting with Gated Convolution" has it in its second stage.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

NEVER = -1e4
"""Score of a patch that must not be copied: finite, so that a picture without any stays finite."""


class ContextualAttention(nn.Module):
    """N×C×H×W features and where they are missing to features of the same shape.

    Patches of 3×3 are compared by their cosine (eq. 1), scores are propagated to left and right and
    to top and bottom (eq. 2), and a softmax of λ times them weighs patches of the same places, of
    which the result is put together; where patches overlap they are averaged. Comparing is done on
    every ``rate``-th feature, for memory, and patches of 2 ``rate`` are copied.

    Scores are propagated before the softmax: weights propagated after it would not sum to one.

    Parameters
    ----------
    rate : even
    softness : λ
    propagate : whether neighbours' scores count (eq. 2, k = 3)
    """

    def __init__(self, *, rate: int = 2, softness: float = 10.0, propagate: bool = True) -> None:
        super().__init__()
        self.rate, self.softness, self.propagate = rate, softness, propagate

    def forward(self, x: Tensor, hole: Tensor) -> Tensor:
        """Return features made of patches that see nothing of the hole.

        Parameters
        ----------
        x : N×C×H×W; H and W multiples of ``rate``
        hole : N×1×H×W, above 0 where features are missing
        """
        n, c, height, width = x.shape
        r = self.rate
        h, w = height // r, width // r
        scores = self._scores(x[:, :, ::r, ::r], h, w)
        some = nn.functional.max_pool2d(hole.to(x), r)  # a cell with any hole in it counts as one
        touched = nn.functional.max_pool2d(some, 3, 1, 1).reshape(n, 1, h * w) > 0
        scores = torch.where(touched, NEVER, self.softness * scores.float())
        weights = scores.softmax(2).to(x.dtype)
        patches = nn.functional.unfold(x, 2 * r, padding=r // 2, stride=r)  # N×16C×hw
        made = torch.bmm(patches, weights.transpose(1, 2)).reshape(n, c, -1, h, w)
        return lay(made, r) / lay(torch.ones_like(made[:1, :1]), r)

    def _scores(self, x: Tensor, h: int, w: int) -> Tensor:
        """Return N×(to fill)×(to copy)."""
        patches = nn.functional.unfold(x, 3, padding=1)
        patches = patches / patches.square().sum(1, keepdim=True).sqrt().clamp(min=1e-4)
        scores = torch.bmm(patches.transpose(1, 2), patches)
        if not self.propagate:
            return scores
        grid = scores.reshape(-1, h, w, h, w)
        for axes in ((2, 4), (1, 3)):
            grid = _propagated(grid, *axes)
        return grid.reshape(-1, h * w, h * w)


def _propagated(scores: Tensor, one: int, other: int) -> Tensor:
    """Add the scores of both neighbours along a pair of axes: if a patch fits here, the patch
    beside it fits beside here.
    """
    size = scores.shape[one]
    inner = scores.narrow(one, 1, size - 1).narrow(other, 1, size - 1)
    before = scores.narrow(one, 0, size - 1).narrow(other, 0, size - 1)
    return scores + _padded(inner, one, other, after=True) + _padded(before, one, other)


def _padded(x: Tensor, one: int, other: int, *, after: bool = False) -> Tensor:
    """Grow two axes by one, by zeros in front or, where said, behind."""
    pad = [0] * (2 * x.ndim)
    for axis in (one, other):
        pad[2 * (x.ndim - 1 - axis) + int(after)] = 1
    return nn.functional.pad(x, pad)


def lay(patches: Tensor, rate: int) -> Tensor:
    """Add up patches of 2 ``rate`` laid ``rate`` apart; what `torch.nn.Unfold` cuts, laid back.

    As four sums of halves, since ONNX before opset 18 has no fold.

    Parameters
    ----------
    patches : N×C×(2 rate)²×h×w

    Returns
    -------
    N×C×(h rate)×(w rate)
    """
    n, c, _side, h, w = patches.shape
    cells = patches.reshape(n, c, 2, rate, 2, rate, h, w)
    size = ((h + 1) * rate, (w + 1) * rate)
    out = patches.new_zeros(n, c, *size)
    for a in (0, 1):
        for b in (0, 1):
            part = cells[:, :, a, :, b].permute(0, 1, 4, 2, 5, 3).reshape(n, c, h * rate, w * rate)
            left, top = b * rate, a * rate
            out = out + nn.functional.pad(part, (left, rate - left, top, rate - top))
    edge = rate // 2
    return out[:, :, edge : size[0] - rate + edge, edge : size[1] - rate + edge]
