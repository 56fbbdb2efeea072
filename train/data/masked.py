"""One training example of the segmenter: a crop, mostly with a mask painted on, and its matte."""

from __future__ import annotations

import copy

import numpy as np
from numpy.typing import NDArray

from train.data.faces import Sample
from train.data.holes import hole
from train.masks import distract, put_on
from train.masks.camera import degrade

BARE = 0.12
"""Share of faces without a mask, half of them with something else before the mouth."""


def masked_example(
    sample: Sample, rng: np.random.Generator, *, family: str = "train", bare: float = BARE
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return (256, 256, 3) uint8 RGB and the (256, 256) float32 matte in 0..1."""
    if rng.random() < bare:
        image = sample.image
        if rng.random() < 0.5:
            image = distract(image, sample.landmarks, rng)
        matte = np.zeros(image.shape[:2], np.float32)
    else:
        drawn = put_on(sample.image, sample.landmarks, rng, family=family, valid=sample.valid)
        image, matte = drawn.image, drawn.matte
    # Pictures that end inside the crop: at run time the frame's edge repeats there, and nothing
    # beyond it is ever blended, so nothing beyond it is asked for.
    return degrade(image, rng), matte * sample.valid


def painted(
    sample: Sample, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return the crop with a mask painted on and nothing else done to it, and the hole to fill.

    The same state of ``rng`` gives the mask whose coverage `train.data.holes.hole` gives, since
    both lay it out first: networks that are told the hole and those that are not see the same.

    Returns
    -------
    masked : (256, 256, 3) uint8 RGB
    hole : (256, 256) float32, 0 or 1, widened by the same amount
    """
    cover = hole(sample, copy.deepcopy(rng))
    drawn = put_on(sample.image, sample.landmarks, rng, valid=sample.valid)
    return drawn.image, cover
