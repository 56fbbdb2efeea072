from __future__ import annotations

import pytest

from unmask_live.vision.batches import batches


@pytest.mark.parametrize(
    ("count", "most", "parts"),
    [
        (0, 8, []),
        (1, 8, [1]),
        (8, 8, [8]),
        (9, 8, [8, 1]),
        (3, 1, [1, 1, 1]),
    ],
)
def test_parts_hold_every_item_once_and_in_order(count: int, most: int, parts: list[int]) -> None:
    items = list(range(count))
    made = [items[some] for some in batches(count, most)]
    assert [len(part) for part in made] == parts
    assert [item for part in made for item in part] == items
