"""Faceless frames that fool the finder, shown again until they no longer do.

Online hard example mining (Shrivastava et al., 2016), over time rather than within a batch: what
looks like a face and is none is rare, and seen once it is forgotten.
"""

from __future__ import annotations

import torch
from torch import Tensor

HARD = 0.2
"""Hottest cell from which a faceless frame is kept, and below which it is let go."""


class Replay:
    """A bounded store of hard frames.

    Parameters
    ----------
    size : most frames that are kept
    share : part of each batch that is replaced by them
    seed : of the draws
    """

    def __init__(self, size: int = 256, share: float = 0.125, *, seed: int = 0) -> None:
        self._size = size
        self._share = share
        self._random = torch.Generator().manual_seed(seed)
        self._frames: list[Tensor] = []
        self._heat: list[float] = []
        self._shown: list[int] = []

    def __len__(self) -> int:
        return len(self._frames)

    def mix(self, images: Tensor, boxes: Tensor, points: Tensor, kinds: Tensor) -> None:
        """Replace the batch's first frames by hard ones, mirrored half the time, in place.

        Parameters
        ----------
        images : (N, H, W, 3) uint8
        boxes, points, kinds : the frames' faces; a replaced frame has none (kind 0)
        """
        count = min(len(self._frames), round(self._share * len(images)))
        order = torch.randperm(len(self._frames), generator=self._random)[:count]
        self._shown = order.tolist()
        for place, index in enumerate(self._shown):
            mirrored = bool(torch.rand(1, generator=self._random) < 0.5)
            frame = self._frames[index]
            images[place] = frame.flip(1) if mirrored else frame
            boxes[place], points[place], kinds[place] = 0, 0, 0

    def learn(self, images: Tensor, kinds: Tensor, logits: Tensor) -> None:
        """Keep the batch's hard faceless frames, forget the shown ones that are hard no more.

        Parameters
        ----------
        logits : (N, rows, columns), what the network said of `mix`'s batch
        """
        hottest = torch.sigmoid(logits.detach().amax((1, 2)))
        for place, index in enumerate(self._shown):
            self._heat[index] = float(hottest[place])
        faceless = (kinds == 0).all(1) & (hottest > HARD)
        faceless[: len(self._shown)] = False
        for place in faceless.nonzero()[:, 0].tolist():
            self._frames.append(images[place].clone())
            self._heat.append(float(hottest[place]))
        ranked = sorted(range(len(self._heat)), key=lambda i: -self._heat[i])[: self._size]
        kept = [i for i in ranked if self._heat[i] > HARD]
        self._frames = [self._frames[i] for i in kept]
        self._heat = [self._heat[i] for i in kept]
        self._shown = []
