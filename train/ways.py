"""Ways to fill a hole in a face: a network told of the hole, a blind one, OpenCV's."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from train.data.faces import Sample
from train.data.masked import painted
from unmask_live.runtime.engine import Engine
from unmask_live.runtime.kinds import is_blind
from unmask_live.vision import grain, sharpen
from unmask_live.vision.blind import inpainter_on

Image = NDArray[np.uint8]
Cover = NDArray[np.float32]
Fill = Callable[[Sample, Cover, int], Image]
"""A crop, its hole and its number to the crop with the hole filled."""


def by_engine(engine: Engine) -> Fill:
    """Return how a network fills.

    A blind one is given the crop with a mask painted on, whose hole is the one the others are
    given; of what it makes only the hole is taken, so that all are compared where they have to
    invent and nothing outside counts for or against it.
    """
    inpaint = inpainter_on(engine)

    def fill(sample: Sample, cover: Cover, number: int) -> Image:
        given = masked_of(sample, number) if is_blind(engine) else sample.image
        return composite(sample.image, inpaint(given, cover), cover)

    return fill


def by_opencv(method: int) -> Fill:
    """Return how OpenCV's Telea or Navier-Stokes fills."""

    def fill(sample: Sample, cover: Cover, number: int) -> Image:
        marked = (cover * 255).astype(np.uint8)
        return np.asarray(cv2.inpaint(sample.image, marked, 3, method), np.uint8)

    return fill


def shown_to(engine: Engine, sample: Sample, cover: Cover, number: int) -> Image:
    """Return what a network is shown: the masked face, or the face with the hole cut out."""
    return masked_of(sample, number) if is_blind(engine) else cut_out(sample, cover)


def cut_out(sample: Sample, cover: Cover) -> Image:
    """Return the face with the hole cut out."""
    return np.asarray(sample.image * (1 - cover[..., None]), np.uint8)


def masked_of(sample: Sample, number: int) -> Image:
    """Return a crop with a mask over the hole that goes with its number."""
    cv2.setRNGSeed(number)
    return painted(sample, np.random.default_rng(number))[0]


def as_shown(made: Image, sample: Sample, cover: Cover) -> Image:
    """Return what a network made as the program shows it: contours raised, grain added."""
    seen = cut_out(sample, cover)
    filled = sharpen.sharpen(made.astype(np.float32), seen, cover, sharpen.lacking(seen, cover))
    return composite(sample.image, grain.add(filled, grain.missing(seen, cover)), cover)


def composite(image: Image, filled: NDArray[np.floating], cover: Cover) -> Image:
    """Return the crop with its hole filled (M-CSAM eq. 1), rounded to 8 bits as it is shown."""
    whole = image * (1 - cover[..., None]) + filled * cover[..., None]
    return np.asarray(np.clip(whole + 0.5, 0, 255), np.uint8)
