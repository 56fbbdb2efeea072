"""Other light on a picture, applied where the pictures are: on a GPU it costs next to nothing.

The numbers are drawn with the example, so that a training that goes on repeats itself.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

SHARE = 0.6
"""Of the pictures that get other light."""


def draw(rng: np.random.Generator) -> NDArray[np.float32]:
    """Return gains of red, green and blue and an exponent: exposure, white balance and gamma.

    All ones leave the picture as it is, which they do to a part of them.
    """
    if rng.random() >= SHARE:
        return np.ones(4, np.float32)
    gain = np.exp(rng.normal(0, 0.12) + rng.normal(0, 0.04, 3))
    return np.array([*gain, np.exp(rng.normal(0, 0.15))], np.float32)


def relit(image: Tensor, light: Tensor) -> Tensor:
    """Return N×3×H×W float RGB in 0..1 of uint8 pictures.

    Parameters
    ----------
    image : N×3×H×W uint8 RGB
    light : N×4, as `draw` gives them
    """
    plain = image.float() / 255
    gain, gamma = light[:, :3, None, None], light[:, 3:, None, None]
    # A power of 0 has no gradient and none is asked for; 0 stays 0.
    with torch.no_grad():
        return (plain**gamma * gain).clamp_(0, 1)
