from __future__ import annotations

import numpy as np
import pytest

from unmask_live.vision.inpaint import Inpainter

ONES = np.ones(3, np.float32)


class Engine:
    """Gives what it was shown, a little darker, in an array that it writes over."""

    def __init__(self, batch: int) -> None:
        self.batch = batch
        self.counts: list[int] = []
        self.images = self.mattes = np.zeros(0, np.float32)
        self._made = np.zeros((batch, 3, 256, 256), np.float32)

    def __call__(self, *, image: np.ndarray, matte: np.ndarray) -> dict[str, np.ndarray]:
        assert len(image) == len(matte) <= self.batch
        self.counts.append(len(image))
        self.images, self.mattes = image.copy(), matte
        self._made[: len(image)] = image * 0.9
        return {"image_out": self._made[: len(image)]}


def faces(count: int) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    rng = np.random.default_rng(3)
    crops = [rng.integers(0, 256, (256, 256, 3), dtype=np.uint8) for _ in range(count)]
    holes = [np.zeros((256, 256), np.float32) for _ in range(count)]
    for index, hole in enumerate(holes):
        hole[100 + 10 * index : 200, 60:190] = 1
    lights = [np.float32([0.8, 1, 1.2]) + np.float32(0.05 * index) for index in range(count)]
    return crops, holes, lights


@pytest.mark.parametrize(("batch", "counts"), [(1, [1] * 4), (3, [3, 1]), (8, [4])])
def test_many_are_what_each_is_alone_in_as_few_calls_as_hold_them(
    batch: int, counts: list[int]
) -> None:
    engine = Engine(batch)
    crops, holes, lights = faces(4)
    made = Inpainter(engine).many(crops, holes, lights)
    assert engine.counts == counts
    alone = Inpainter(Engine(1))
    for filled, *given in zip(made, crops, holes, lights, strict=True):
        assert filled.dtype == np.float32
        np.testing.assert_array_equal(filled, alone(*given))


def test_one_hole_reaches_the_engine_as_it_is_and_nothing_of_it_in_the_picture() -> None:
    engine = Engine(8)
    (crop,), (hole,), _ = faces(1)
    Inpainter(engine)(crop, hole, ONES)
    assert engine.mattes.shape == (1, 1, 256, 256)
    assert np.shares_memory(engine.mattes, hole), "no copy where there is one face"
    assert engine.images[0, :, hole > 0].max() == 0
    np.testing.assert_allclose(
        engine.images[0].transpose(1, 2, 0)[hole == 0], crop[hole == 0] / 255, atol=1e-6
    )


def test_of_none_the_engine_is_not_asked() -> None:
    engine = Engine(8)
    assert Inpainter(engine).many([], [], []) == []
    assert engine.counts == []
