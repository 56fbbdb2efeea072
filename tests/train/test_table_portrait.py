from __future__ import annotations

import numpy as np

from train import table_portrait


def test_only_the_hole_of_the_portrait_is_filled_and_masks_cover_it():
    masked, true = table_portrait.shown()
    seen = []

    def fill(sample, cover, number):
        seen.append((number, cover))
        return np.where(cover[..., None] > 0.5, np.uint8(0), sample.image)

    made = table_portrait.filled(fill)
    assert len(made) == len(masked) == len(true) == len(table_portrait.NUMBERS)
    for (_, cover), bare, worn, black in zip(seen, true, masked, made, strict=True):
        inside = cover > 0.5
        assert 0.05 < inside.mean() < 0.6
        assert not black[inside].any() and np.array_equal(black[~inside], bare[~inside])
        assert (worn[inside] != bare[inside]).any(1).mean() > 0.5
    assert len({cover.tobytes() for _, cover in seen}) == len(seen), "masks differ"
