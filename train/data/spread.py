"""A few of many crops, the same ones each time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from train.data.faces import FaceCrops, Sample


def spread(faces: FaceCrops, count: int) -> Iterator[tuple[int, Sample]]:
    """Yield at most ``count`` unvaried crops with their index, evenly spread over the split."""
    places = np.linspace(0, len(faces) - 1, max(0, min(count, len(faces))))
    for index in np.unique(places.astype(int)):
        yield int(index), faces.plain(int(index))
