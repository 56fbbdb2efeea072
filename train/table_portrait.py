"""What each method makes of one face that may be shown: NASA's portrait of Eileen Collins.

Photographs of the data show people who were never asked, so grids of them stay with who ran the
table; this one can stand in a page. The portrait is in none of the data.
"""

from __future__ import annotations

import functools

import numpy as np

from train.data.faces import Sample
from train.data.holes import hole
from train.masks.sheet import aligned, astronaut
from train.ways import Fill, Image, masked_of

NUMBERS = (1, 3, 5, 10, 12, 15)
"""Of the masks that are drawn: different kinds."""


@functools.cache
def portrait() -> Sample:
    """Return the aligned portrait.

    Raises
    ------
    ImportError
        if scikit-image is missing: it carries the picture
    """
    picture, landmarks, valid = aligned(*astronaut())
    return Sample(picture, landmarks, valid, "NASA")


def shown() -> tuple[list[Image], list[Image]]:
    """Return the portrait with each mask on, and as often without."""
    sample = portrait()
    return [masked_of(sample, number) for number in NUMBERS], [sample.image] * len(NUMBERS)


def filled(fill: Fill) -> list[Image]:
    """Return the portrait with each mask taken off."""
    sample = portrait()
    return [fill(sample, hole(sample, np.random.default_rng(n)), n) for n in NUMBERS]
