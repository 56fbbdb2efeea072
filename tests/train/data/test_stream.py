from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from train.data.stream import Example, Stream


def number(rng: np.random.Generator) -> Example:
    noise = np.zeros(2, np.float32)
    cv2.randn(noise, 0, 1)  # OpenCV's own generator, as some masks use it
    return {"x": rng.random(3), "noise": noise}


def take(stream: Stream, count: int) -> torch.Tensor:
    parts = [next(stream) for _ in range(count)]
    return torch.cat([torch.cat([p["x"], p["noise"].double()], 1) for p in parts])


@pytest.mark.parametrize("workers", [0, 2])
def test_examples_are_the_same_whoever_makes_them(workers):
    here = take(Stream(number, batch=4, seed=1, workers=0), 3)
    made = take(Stream(number, batch=4, seed=1, workers=workers), 3)
    assert torch.equal(here, made)
    assert len(torch.unique(here, dim=0)) == 12, "no example comes twice"
    assert not torch.equal(here, take(Stream(number, batch=4, seed=2, workers=0), 3))


def test_it_goes_on_from_any_batch():
    whole = take(Stream(number, batch=4, seed=1, workers=0), 5)
    later = Stream(number, batch=4, seed=1, workers=1)
    next(later)
    later.seek(3)
    assert torch.equal(take(later, 2), whole[12:])
    assert later.position == 5 and later.waited > 0


def test_two_processes_share_the_numbers_of_one():
    whole = take(Stream(number, batch=8, seed=1, workers=0), 2)
    shares = [take(Stream(number, batch=4, seed=1, workers=0, rank=r, world=2), 2) for r in (0, 1)]
    assert torch.equal(torch.cat([shares[0][:4], shares[1][:4]]), whole[:8])
    assert torch.equal(torch.cat([shares[0][4:], shares[1][4:]]), whole[8:])
